"""The coded words of the contract: {code, name} as in 2016, the code alone, or the word; each with what it is to us."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar

from pydantic_core import PydanticCustomError

from domain.common.enums import Access, Kind, Quality
from domain.common.text import clean_text, split_words

Meaning = TypeVar("Meaning")
UNKNOWN_WORD, PHYSICAL_MEDIA = "unknown_word", "physical"


class Media(StrEnum):
    """Through what a product is watched; a box gives no web address."""

    DIGITAL = "DIGITAL"
    BOX = "DIGITAL_BOX"


class Version(StrEnum):
    """What a product's `lang` may say: language versions and accessibility, together as in 2016."""

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
    """What reads one coded word. An unknown word, or a code and a name that differ, is refused; never guessed."""

    def read(written: Any) -> Meaning:
        meaning = meanings[_read_word(written, codes, meanings)]
        if meaning is None:
            raise PydanticCustomError(PHYSICAL_MEDIA, "support physique : ce n’est pas de la vidéo à la demande")
        return meaning

    return read


def _read_word(written: Any, codes: Mapping[int, str], known: Mapping[str, Any]) -> str:
    if not isinstance(written, dict):
        return _read_single_word(written, codes, known)
    found = {_read_single_word(written[part], codes, known) for part in ("code", "name") if written.get(part) not in (None, "")}
    if len(found) > 1:
        raise PydanticCustomError("contradiction", "le code et le nom se contredisent")
    if not found:
        raise PydanticCustomError(UNKNOWN_WORD, "code ou nom attendu")
    return found.pop()


@lru_cache(maxsize=1024)
def _normalize_word(written: str | int) -> str:
    return clean_text(str(written)[:200])


def _read_single_word(written: Any, codes: Mapping[int, str], known: Mapping[str, Any]) -> str:
    said = _normalize_word(written) if isinstance(written, str | int) and not isinstance(written, bool) else ""
    if said.isascii() and said.isdigit() and len(said) < 4 and int(said) in codes:
        return codes[int(said)]
    if (word := said.upper().replace(" ", "_")) in known or (word := "_".join(split_words(said)).upper()) in known:
        return word
    expected = ", ".join(name for name, meaning in known.items() if meaning is not None)
    raise PydanticCustomError(
        UNKNOWN_WORD, "mot inconnu « {said} » (attendu : {expected})", {"said": said[:40], "expected": expected}
    )
