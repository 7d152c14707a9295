"""Read the coded words of the contract: {code, name} as in 2016, the code alone, or the word."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from pydantic_core import PydanticCustomError

from domain.common.enums import Access, Kind, Quality
from domain.common.text import clean_text, split_words

Meaning = TypeVar("Meaning")
UNKNOWN_WORD, PHYSICAL_MEDIA = "unknown_word", "physical"
_MAX_CODE_LENGTH = 3
_MAX_WORD_LENGTH, _MAX_ECHOED_LENGTH = 200, 40


class Media(StrEnum):
    """Say through what a product is watched; a box has no web address."""

    DIGITAL = "DIGITAL"
    BOX = "DIGITAL_BOX"


class Version(StrEnum):
    """List the values of a product's `lang`: language versions and accessibility, together as in 2016."""

    VO = "VO"
    VF = "VF"
    VOSTFR = "VOSTFR"
    SDH = "MALENTENDANT"
    AUDIO_DESCRIPTION = "AUDIODESCRIPTION"
    MAC = "COMPATIBILITE_MAC"


MODE_CODES = {2: "TVOD", 3: "SVOD", 4: "VODEST", 5: "DVD", 6: "BLURAY", 7: "REPLAY"}
MODES: dict[str, Access | None] = {
    "TVOD": Access.RENT,
    "SVOD": Access.SUBSCRIPTION,
    "VODEST": Access.BUY,
    "REPLAY": Access.CATCH_UP,
    "FREE": Access.FREE,
    "FREE_WITH_ADS": Access.FREE_WITH_ADS,
    "LIBRARY": Access.LIBRARY,
    "LOCATION": Access.RENT,
    "ABONNEMENT": Access.SUBSCRIPTION,
    "ACHAT": Access.BUY,
    "RATTRAPAGE": Access.CATCH_UP,
    "GRATUIT": Access.FREE,
    "GRATUIT_AVEC_PUBLICITE": Access.FREE_WITH_ADS,
    "BIBLIOTHEQUE": Access.LIBRARY,
    "DVD": None,
    "BLURAY": None,
}
MEDIA_CODES = {1: "DIGITAL", 2: "PHYSICAL", 3: "DIGITAL_BOX"}
MEDIAS: dict[str, Media | None] = {"DIGITAL": Media.DIGITAL, "PHYSICAL": None, "DIGITAL_BOX": Media.BOX}
QUALITY_CODES = {1: "SD", 2: "HD", 3: "FHD"}
QUALITIES = {"SD": Quality.SD, "HD": Quality.HD, "FHD": Quality.HD, "UHD": Quality.UHD, "4K": Quality.UHD}
LANG_CODES = {1: "VO", 2: "VF", 3: "VOSTFR", 4: "MALENTENDANT", 5: "AUDIODESCRIPTION", 6: "COMPATIBILITE_MAC"}
VERSIONS = {version.value: version for version in Version}
TYPE_CODES = {1: "MOVIE", 2: "SERIE"}
TYPES = {"MOVIE": Kind.FILM, "SERIE": Kind.SERIES, "SHORT": Kind.SHORT, "FILM": Kind.FILM, "COURT_METRAGE": Kind.SHORT}


def build_word_reader(codes: Mapping[int, str], meanings: Mapping[str, Meaning | None]) -> Callable[[Any], Meaning]:
    """Return the reader of one coded word; a word whose meaning is None is a physical medium.

    The reader raises PydanticCustomError for an unknown word, or a code and a name that differ: it never guesses.
    """

    def read_coded_word(value: Any) -> Meaning:
        meaning = meanings[_read_word(value, codes, meanings)]
        if meaning is None:
            raise PydanticCustomError(PHYSICAL_MEDIA, "support physique : ce n’est pas de la vidéo à la demande")
        return meaning

    return read_coded_word


def _read_word(value: Any, codes: Mapping[int, str], meanings: Mapping[str, Any]) -> str:
    if not isinstance(value, dict):
        return _read_single_word(value, codes, meanings)
    parts = [value[name] for name in ("code", "name") if value.get(name) not in (None, "")]
    words = {_read_single_word(part, codes, meanings) for part in parts}
    if len(words) > 1:
        raise PydanticCustomError("contradiction", "le code et le nom se contredisent")
    if not words:
        raise PydanticCustomError(UNKNOWN_WORD, "code ou nom attendu")
    return words.pop()


def _read_single_word(value: Any, codes: Mapping[int, str], meanings: Mapping[str, Any]) -> str:
    text = ""
    if isinstance(value, str | int) and not isinstance(value, bool):
        text = clean_text(str(value)[:_MAX_WORD_LENGTH])
    if text.isascii() and text.isdigit() and len(text) <= _MAX_CODE_LENGTH and int(text) in codes:
        return codes[int(text)]
    for word in (text.upper().replace(" ", "_"), "_".join(split_words(text)).upper()):
        if word in meanings:
            return word
    expected = ", ".join(name for name, meaning in meanings.items() if meaning is not None)
    raise PydanticCustomError(
        UNKNOWN_WORD,
        "mot inconnu « {word} » (attendu : {expected})",
        {"word": text[:_MAX_ECHOED_LENGTH], "expected": expected},
    )
