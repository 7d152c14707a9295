"""Named transforms of platform files: a raw value in, a clean one out, or ValueError saying in French what was expected.

They never meet a missing value: `crawlers.extract.expressions.Rule` answers None before calling them.
"""

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from w3lib.html import remove_tags

from domain.common.text import clean_text, fold_text

Transform = Callable[[object], object]

PARIS = ZoneInfo("Europe/Paris")
_PRICE = re.compile(r"€?\s*([0-9]{1,3}(?:\s[0-9]{3})+|[0-9]{1,6})(?:[.,]([0-9]{1,2}))?\s*(?:€|EUR|euros?)?", re.IGNORECASE)
_ISO_DURATION = re.compile(r"P(?:([0-9]{1,3})D)?(?:T(?:([0-9]{1,4})H)?(?:([0-9]{1,6})M)?(?:([0-9]{1,7})(?:\.[0-9]+)?S)?)?")
_HOURS_MINUTES = re.compile(r"([0-9]{1,3})\s*(?::|h|heures?)\s*([0-9]{1,2})?(?:\s*(?:m|min|minutes?|:[0-9]{2}))?", re.IGNORECASE)
_MINUTES = re.compile(r"([0-9]{1,4})\s*(?:m|mn|min|minutes?)\.?", re.IGNORECASE)
_NO_DURATION = frozenset(["no-duration", "n/a", "-"])
_YEAR = re.compile(r"(?<![0-9])(?:18[7-9]|19[0-9]|20[0-9])[0-9](?![0-9])")
_NAME_SEPARATOR = re.compile(r"\s*(?:[;/&|]|,(?!\s*(?:Jr|Sr)\b)|\s(?:et|and)\s)\s*")
_LANGUAGE_VERSIONS = {
    word: version
    for version, words in {
        "VF": "vf versionfrancaise fr frfr fra fre french francais",
        "VO": "vo versionoriginale",
        "VOF": "vof versionoriginalefrancaise vofstmf",
        "VOST": "vost versionoriginalesoustitree",
        "VOSTFR": "vostfr vostf versionoriginalesoustitreeenfrancais",
    }.items()
    for word in words.split()
}
_LIST_SEPARATOR = re.compile(r"\s*[,;/|]\s*")


class UnknownWordError(ValueError):
    """A platform used a word that nothing translates; `known` holds the words of a list that are translated."""

    def __init__(self, word: str, known: list[str] | None = None) -> None:
        super().__init__(f"mot inconnu « {word} »")
        self.known = known


def parse_whole_number(value: object) -> int:
    """97, 97.0 or « 97 »."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**15:
        return value
    if isinstance(value, str) and re.fullmatch("[0-9]{1,15}", value.strip()):
        return int(value)
    raise ValueError("nombre entier attendu")


def parse_year(value: object) -> int:
    """The year of « 2019 », 2019, « 2019-05-01 » or « mai 2019 »."""
    if isinstance(value, str | int) and (found := _YEAR.search(str(value)[:100])):
        return int(found[0])
    raise ValueError("année attendue")


def parse_text(value: object) -> str:
    """HTML made plain text, on one line."""
    if isinstance(value, str):
        return clean_text(html.unescape(remove_tags(value)))
    raise ValueError("texte attendu")


def _split_values(value: object, separator: re.Pattern[str]) -> list[str]:
    written = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) for item in written):
        raise ValueError("texte ou liste de textes attendu")
    parts = (part for item in written for part in separator.split(parse_text(item)))
    return list(dict.fromkeys(part for part in parts if part))


def parse_names(value: object) -> list[str]:
    """People of « A et B », « A, B », « A / B » or of a list; each once."""
    return _split_values(value, _NAME_SEPARATOR)


def parse_countries(value: object) -> list[str]:
    """Countries of « France ,  Belgique » or of a list; each once."""
    return _split_values(value, _LIST_SEPARATOR)


def parse_languages(value: object) -> list[str]:
    """Versions as the site tells them: « VOST FR », « vf » or a list; French sound is VF whatever the film's own language.

    Raises UnknownWord for a version or a language that has no word on the site.
    """
    said = {written: fold_text(re.sub(r"[^\w]", "", written)) for written in _split_values(value, _LIST_SEPARATOR)}
    known = list(dict.fromkeys(_LANGUAGE_VERSIONS[word] for word in said.values() if word in _LANGUAGE_VERSIONS))
    if unknown := [written for written, word in said.items() if word not in _LANGUAGE_VERSIONS]:
        raise UnknownWordError(unknown[0][:80], known)
    return known


def parse_price_cents(value: object) -> int:
    """« 2,99 », « 7.99 euros », « 3,99 € » or 3.99 in whole cents, without any rounding."""
    written = str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    if found := _PRICE.fullmatch(written):
        return int(re.sub(r"\s", "", found[1])) * 100 + int((found[2] or "").ljust(2, "0"))
    raise ValueError("prix en euros attendu")


def _round_minutes(seconds: float) -> int | None:
    """Zero means that the platform does not know."""
    return round(seconds / 60) or None


def minutes_from_seconds(value: object) -> int | None:
    """5820, « 5820 » or {"seconds": 5820}."""
    return _round_minutes(parse_whole_number(value.get("seconds") if isinstance(value, dict) else value))


def minutes_from_ms(value: object) -> int | None:
    """Milliseconds: 8640000 or « 8640000 »."""
    return _round_minutes(parse_whole_number(value) / 1000)


def minutes_from_iso(value: object) -> int | None:
    """ISO 8601: PT1H37M, PT97M, PT01H37M00S, P0DT1H37M0S or PT5820S."""
    found = _ISO_DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None or not any(found.groups()):
        raise ValueError("durée ISO 8601 attendue (PT1H37M)")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return _round_minutes(((days * 24 + hours) * 60 + minutes) * 60 + seconds)


def minutes_from_hm(value: object) -> int | None:
    """« 1h45 », « 1:45 » or « 97 min »; « no-duration » means unknown."""
    written = value.strip() if isinstance(value, str) else ""
    if written.lower() in _NO_DURATION:
        return None
    if found := _HOURS_MINUTES.fullmatch(written):
        return int(found[1]) * 60 + int(found[2] or 0) or None
    if found := _MINUTES.fullmatch(written):
        return int(found[1]) or None
    raise ValueError("durée attendue (1h45, 1:45 ou 97 min)")


def _parse_epoch(number: float) -> datetime:
    """Seconds since 1970, or milliseconds when the number is too large for seconds of this era."""
    return datetime.fromtimestamp(number / 1000 if abs(number) > 100_000_000_000 else number, UTC)


def parse_datetime(value: object) -> datetime:
    """A moment in UTC from ISO 8601 or from seconds or milliseconds since 1970.

    Without a zone it is read as Paris time; a day alone is its first instant.
    """
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _parse_epoch(value)
        if isinstance(value, str) and re.fullmatch("[0-9]{9,13}", value.strip()):
            return _parse_epoch(int(value))
        moment = datetime.fromisoformat(value.strip() if isinstance(value, str) else "")
        return (moment if moment.tzinfo else moment.replace(tzinfo=PARIS)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise ValueError("date ISO 8601 ou nombre de secondes attendu") from None


def parse_end_datetime(value: object) -> datetime:
    """The end of an offer: as `date`, but a day alone runs to its last instant, in Paris."""
    moment = parse_datetime(value)
    local = moment.astimezone(PARIS)
    if isinstance(value, str) and len(value.strip()) <= 10 and local.time() == time() and local.year < 9999:
        return (local + timedelta(days=1)).astimezone(UTC)
    return moment


TRANSFORMS: dict[str, Transform] = {
    "int": parse_whole_number,
    "year_of": parse_year,
    "text": parse_text,
    "names": parse_names,
    "countries": parse_countries,
    "languages": parse_languages,
    "cents": parse_price_cents,
    "minutes_from_iso": minutes_from_iso,
    "minutes_from_seconds": minutes_from_seconds,
    "minutes_from_ms": minutes_from_ms,
    "minutes_from_hm": minutes_from_hm,
    "date": parse_datetime,
    "last_day": parse_end_datetime,
}
