"""Load platform files: one TOML a platform, checked whole before anything is requested of anybody.

Three shapes. A `RegisterFile` only says what a service is, and why nothing is collected; a `PushFile` belongs to an editor
who posts its catalogue to us; a `PlatformFile` says how we collect it.
"""

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, model_validator

from crawlers.extract.expressions import PathRule, Rule
from crawlers.platform_files.sources import (
    Auth,
    Details,
    DocumentSource,
    LookupSource,
    PageSource,
    Paging,
    PushSource,
    SourceUrl,
    StrictTable,
)
from crawlers.platform_files.tables import FieldRules, Legal, OfferRules, Politeness
from domain.common.enums import Access, LegalBasis, PlatformStatus
from domain.common.errors import UserError
from domain.common.file_errors import format_first_error
from domain.runs.observation import ObservedEntry
from domain.runs.platforms import PlatformFacts
from domain.runs.validation import RunExpectations

FILLABLE_FIELDS = frozenset({*ObservedEntry.model_fields, "price_cents"})
Slug = Annotated[str, Field(pattern="^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]


class BasePlatformFile(StrictTable):
    """Describe a service: who runs it, what it offers, by what right it is listed, and what became of it."""

    slug: Slug
    name: str
    operator: str
    country: str = Field(default="FR", pattern="^[A-Z]{2}$")
    status: PlatformStatus = PlatformStatus.OPEN
    status_note: str | None = None
    replaces: tuple[Slug, ...] = ()
    accesses: tuple[Access, ...] = ()
    site: SourceUrl | None = None
    hosts: frozenset[str] = frozenset()
    legal: Legal

    def build_platform_facts(self) -> PlatformFacts:
        """Return what the table of platforms stores."""
        return PlatformFacts(
            slug=self.slug,
            name=self.name,
            operator=self.operator,
            country=self.country,
            status=self.status,
            legal_basis=self.legal.basis,
            legal_evidence=self.legal.evidence,
            legal_checked_on=self.legal.checked_on,
            legal_doubt=self.legal.doubt,
            blocked=self.legal.blocked,
            status_note=self.status_note,
            site=self.site,
            accesses=list(self.accesses),
            replaces=list(self.replaces),
            hosts=sorted(self.hosts),
        )


class UncollectedPlatformFile(BasePlatformFile):
    """Describe a service of which nothing comes in, and why. `road` is the kind of source that would serve it best."""

    road: Literal["feed", "api", "pages", "lookup", "push"] | None = None

    @model_validator(mode="after")
    def _require_reason_not_collected(self) -> "UncollectedPlatformFile":
        if not (self.legal.blocked or self.legal.basis is LegalBasis.FORBIDDEN or self.status is PlatformStatus.CLOSED):
            raise ValueError(
                "source : table attendue, à moins que la plateforme soit fermée, interdite ou empêchée (legal.blocked)"
            )
        return self


class _CataloguePlatformFile(BasePlatformFile):
    """Describe a service whose catalogue comes in.

    `verified` is the day it was seen live, or « sample » when only a saved answer was read.
    """

    verified: Literal["sample"] | date
    sample: str
    expect: RunExpectations

    @model_validator(mode="after")
    def _check_expected_fields(self) -> "_CataloguePlatformFile":
        unknown_fields = set(self.expect.fill) - FILLABLE_FIELDS
        if unknown_fields:
            fields = ", ".join(sorted(FILLABLE_FIELDS))
            raise ValueError(f"expect.fill : champ inconnu « {min(unknown_fields)} » (connus : {fields})")
        return self

    def build_platform_facts(self) -> PlatformFacts:
        """Return what the table of platforms stores, with what a believable run looks like."""
        return super().build_platform_facts().model_copy(update={"expect": self.expect.model_dump(mode="json")})


class PushPlatformFile(_CataloguePlatformFile):
    """Describe a service whose editor posts its catalogue to us."""

    source: PushSource


class PlatformFile(_CataloguePlatformFile):
    """Describe a service that we collect: from where, how each row is read, and what a believable run looks like."""

    every_hours: int = Field(default=24, ge=1, le=24 * 31)
    source: DocumentSource | PageSource | LookupSource = Field(discriminator="kind")
    drop: dict[str, PathRule] = Field(default_factory=dict)
    fields: FieldRules
    offers: tuple[OfferRules, ...] = Field(min_length=1)
    politeness: Politeness = Politeness()

    @model_validator(mode="after")
    def _require_link_hosts(self) -> "PlatformFile":
        if not self.hosts and (self.fields.url or any(offer.url for offer in self.offers)):
            raise ValueError("hosts : sites des liens attendus, puisque des liens sont lus")
        return self

    def build_platform_facts(self) -> PlatformFacts:
        """Return what the table of platforms stores, with when it is collected."""
        return super().build_platform_facts().model_copy(update={"every_hours": self.every_hours, "night": self.politeness.night})

    @property
    def delay(self) -> float:
        """The seconds between two requests, unless robots.txt asks for more: two at least for the pages of a site."""
        minimum = 2.0 if isinstance(self.source, PageSource) else 1.0
        return max(self.politeness.delay, minimum)

    def list_rules(self) -> list[Rule]:
        """Return every rule of the file that reads a row."""
        rules = [*self.fields.ids.values(), *self.drop.values()]
        for table in (self.fields, *self.offers):
            rules += [rule for _, rule in table if isinstance(rule, Rule)]
        return rules

    def list_source_urls(self) -> list[str]:
        """Return what the source requests: its own address, and that of the documents which an index lists."""
        urls = [self.source.url]
        if isinstance(self.source, DocumentSource) and self.source.details and self.source.details.url:
            urls.append(self.source.details.url)
        return urls

    def with_origin(self, origin: str) -> "PlatformFile":
        """Return the same platform at another server: scheme, host and port of the source's addresses are replaced."""
        source = self.source
        changes: dict[str, Any] = {"url": _replace_origin(source.url, origin)}
        if isinstance(source, DocumentSource) and source.details and source.details.url:
            details_url = _replace_origin(source.details.url, origin)
            changes["details"] = source.details.model_copy(update={"url": details_url})
        return self.model_copy(update={"source": source.model_copy(update=changes)})


def _replace_origin(url: str, origin: str) -> str:
    server = urlsplit(origin)
    return urlsplit(url)._replace(scheme=server.scheme, netloc=server.netloc).geturl()


AnyPlatformFile = UncollectedPlatformFile | PushPlatformFile | PlatformFile
TABLE_MODELS = (
    PlatformFile,
    Legal,
    DocumentSource,
    Paging,
    Details,
    Auth,
    PageSource,
    LookupSource,
    FieldRules,
    OfferRules,
    RunExpectations,
    Politeness,
)
KNOWN_KEYS = frozenset(key for table in TABLE_MODELS for key in table.model_fields)


def load_any_platform_file(slug: str, folder: Path) -> AnyPlatformFile:
    """Return the file of that slug, whatever its shape. Raises UserError naming file, key and what was expected."""
    if not folder.is_dir():
        raise UserError(f"{folder} : dossier de plateformes introuvable")
    path = folder / f"{slug}.toml"
    slugs = {file.stem for file in folder.glob("*.toml")}
    if slug not in slugs:
        raise UserError(f"plateforme inconnue : « {slug} » (voir « ouvoir platforms »)")
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return _select_file_model(table).model_validate({**table, "slug": slug})
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{path.name} : TOML illisible ({error})") from None
    except (OSError, UnicodeDecodeError, RecursionError):
        raise UserError(f"{path.name} : fichier illisible (texte UTF-8 attendu)") from None
    except ValidationError as error:
        raise UserError(f"{path.name} : {format_first_error(error, KNOWN_KEYS)}") from None


def _select_file_model(table: dict[str, Any]) -> type[UncollectedPlatformFile] | type[PushPlatformFile] | type[PlatformFile]:
    match table.get("source"):
        case None:
            return UncollectedPlatformFile
        case {"kind": "push"}:
            return PushPlatformFile
    return PlatformFile


def load_platform(slug: str, folder: Path) -> PlatformFile:
    """Return the file of a platform that we collect.

    Raises UserError as `load_any_platform_file`, or when there is nothing to collect.
    """
    file = load_any_platform_file(slug, folder)
    if isinstance(file, PlatformFile):
        return file
    raise UserError(f"{slug} : {get_collection_obstacle(file, is_rehearsal=True)}")


def get_collection_obstacle(file: AnyPlatformFile, is_rehearsal: bool = False) -> str | None:
    """Return what keeps us from collecting a service, in French; None when nothing does. A rehearsal needs no agreement."""
    if file.legal.basis is LegalBasis.FORBIDDEN:
        return f"collecte interdite ({file.legal.evidence})"
    if file.status is PlatformStatus.CLOSED:
        return "plateforme fermée, rien à collecter"
    if file.status is PlatformStatus.PAUSED:
        if file.status_note:
            return f"collecte suspendue ({file.status_note})"
        return "collecte suspendue"
    if file.legal.blocked and (not is_rehearsal or isinstance(file, UncollectedPlatformFile)):
        return f"collecte pas encore permise ({file.legal.blocked})"
    if isinstance(file, PushPlatformFile):
        return "l'éditeur nous envoie son catalogue, il n'y a rien à collecter"
    if isinstance(file, PlatformFile):
        return None
    return "son fichier ne dit pas comment la collecter"
