"""Define the contract with editors, version 1: that of 2016, improved, and read without any mapping file."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic.alias_generators import to_camel
from pydantic.fields import ComputedFieldInfo, FieldInfo
from pydantic.functional_validators import BeforeValidator

from domain.common.enums import Access, Kind, Quality
from ingest import codes
from ingest.values import AsList, Cents, Countries, EndMoment, Flag, Integer, Minutes, People, StartMoment, Text, is_blank

MAX_BODY = 64 * 2**20
"""Bytes of a delivery, once unpacked."""
MAX_VALUES = 2_000_000
"""Values of a delivery: the sample of 2016 twenty thousand times (60,000 products) holds 1.6 million."""
MAX_TITLES, MAX_PRODUCTS = 100_000, 200


def _build_coded_validator(
    numbers: Mapping[int, str], meanings: Mapping[str, Any], lower: bool = False
) -> tuple[BeforeValidator, WithJsonSchema]:
    """Return the reader of a coded word and its JSON Schema; `lower` shows its words in lower case."""
    names = [name.lower() if lower else name for name, meaning in meanings.items() if meaning is not None]
    pair = {"type": "object", "properties": {"code": {"enum": list(numbers)}, "name": {"type": "string"}}}
    schema = {"anyOf": [{"enum": names}, {"enum": list(numbers)}, pair], "description": "{code, name}, code seul, ou mot"}
    return BeforeValidator(codes.build_word_reader(numbers, meanings)), WithJsonSchema(schema)


_media_reader, _media_shape = _build_coded_validator(codes.MEDIA_CODES, codes.MEDIAS)
_mode_reader, _mode_shape = _build_coded_validator(codes.MODE_CODES, codes.MODES)
_quality_reader, _quality_shape = _build_coded_validator(codes.QUALITY_CODES, codes.QUALITIES)
_lang_reader, _lang_shape = _build_coded_validator(codes.LANG_CODES, codes.VERSIONS)
_type_reader, _type_shape = _build_coded_validator(codes.TYPE_CODES, codes.TYPES, lower=True)

CodedMedia = Annotated[codes.Media, _media_reader, _media_shape]
CodedMode = Annotated[Access, _mode_reader, _mode_shape]
CodedQuality = Annotated[Quality, _quality_reader, _quality_shape]
CodedLang = Annotated[codes.Version, _lang_reader, _lang_shape]
CodedType = Annotated[Kind, _type_reader, _type_shape]


def _get_field_title(name: str, field: FieldInfo | ComputedFieldInfo) -> str:
    return field.alias or name


class ContractModel(BaseModel):
    """Represent a level of the contract: a null or empty value counts as absent, and unknown keys are no faults."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", frozen=True, field_title_generator=_get_field_title)

    @model_validator(mode="before")
    @classmethod
    def _drop_blanks(cls, content: Any) -> Any:
        if not isinstance(content, dict):
            return content
        return {name: value for name, value in content.items() if not is_blank(value)}

    @classmethod
    def get_keys(cls) -> tuple[str, ...]:
        """Return the keys that the contract defines."""
        return tuple(field.alias or name for name, field in cls.model_fields.items())


class Product(ContractModel):
    """Un produit : une façon de voir le titre. Accès, qualité, langues et édition la distinguent des autres."""

    id_product_editor: Text = Field(min_length=1, max_length=200, description="votre numéro, rendu dans le rapport")
    mode: CodedMode
    media: CodedMedia = codes.Media.DIGITAL
    quality: CodedQuality | None = None
    lang: Annotated[list[CodedLang], AsList] = Field(default_factory=list, max_length=12)
    price: Cents | None = Field(
        default=None, description="pour une location ou un achat ; absent : « prix chez le service »", examples=[3.99]
    )
    currency: Text = Field(default="EUR", pattern="^[A-Z]{3}$")
    url: Text | None = Field(default=None, max_length=2000, description="page du titre, sur un de vos sites déclarés")
    url_ios: Text | None = Field(default=None, alias="urlIOS", max_length=2000, description="lu comme en 2016, pas encore montré")
    url_android: Text | None = Field(default=None, max_length=2000, description="lu comme en 2016, pas encore montré")
    publication_date: StartMoment | None = Field(default=None, description="ISO 8601 ; sans fuseau, heure de Paris")
    expiration_date: EndMoment | None = Field(default=None, description="absente : « date de fin non communiquée »")
    audio_description: Flag | None = None
    sdh: Flag | None = Field(default=None, description="sous-titres pour sourds et malentendants")
    edition: Text | None = Field(default=None, max_length=200, examples=["version restaurée"])


class TitleIds(ContractModel):
    """Les numéros connus du titre : c’est d’abord par eux qu’il est relié à un film."""

    id_allocine: str | int | None = None
    id_imdb: str | int | None = None
    id_tmdb: str | int | None = None
    isan: str | int | None = None
    eidr: str | int | None = None
    visa: str | int | None = None


class Title(ContractModel):
    """Une œuvre telle que l’éditeur la connaît, avec ses produits."""

    id_title_editor: Text = Field(min_length=1, max_length=200, description="votre numéro de titre, le même d’un envoi à l’autre")
    type: CodedType | None = None
    fr_title: Text | None = Field(default=None, max_length=500, description="frTitle ou originalTitle est obligatoire")
    original_title: Text | None = Field(default=None, max_length=500)
    director: People = Field(default_factory=list, examples=[["Agnès Varda"], "Agnès Varda"])
    production_year: Annotated[Integer, Field(ge=1870, le=2100)] | None = None
    duration: Minutes | None = Field(default=None, description="minutes")
    countries: Countries = Field(default_factory=list)
    ids: Any = None
    editor_product: list[Any] = Field(min_length=1, max_length=MAX_PRODUCTS)


class Editor(ContractModel):
    """Le bloc « editor » de 2016 : lu, jamais cru. C’est la clé qui dit qui livre."""

    id: Any = None
    name: Any = None
    url_logo: Any = None


class Envelope(ContractModel):
    """Une livraison : tout le catalogue (« full »), ou ce qui change (« delta »)."""

    delivery: Text = Field(default="full", pattern="^(full|delta)$")
    total_titles: Integer = Field(ge=0, description="nombre de titres de cet envoi")
    total_products: Integer = Field(ge=0, description="nombre de produits de cet envoi")
    editor_titles: list[Any] = Field(max_length=MAX_TITLES)
    removed: list[Text] = Field(default_factory=list, max_length=MAX_TITLES, description="delta : titres retirés")
    editor: Any = None
