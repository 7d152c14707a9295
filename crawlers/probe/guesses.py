"""Guessing what the columns of a catalogue mean, from their names and from what they hold. A person checks every guess."""

from collections.abc import Iterator
from typing import Any

from crawlers.extract.transforms import TRANSFORMS
from crawlers.probe.trees import bare, key
from domain.common.identifiers import SCHEMES

Rules = dict[str, str | list[str]]

_NAMES = {
    "ref": "id ref programid productcode codeproduit idproduct idtitle uuid code sku slug ean reference isan",
    "title": "title titre name nom label titrefr localizedtitle",
    "original_title": "originaltitle titreoriginal originalname",
    "year": "year productionyear annee releaseyear anneeproduction anneedeproduction producedat releasedate datecreated",
    "directors": "directors director realisateurs realisateur directorname",
    "runtime_min": "duration runtime durationseconds duree durationminutes runtimeminutes dureeminutes productduration",
    "countries": "countries country historiccountries productioncountries pays origin",
    "url": "url weburl link permalink lien canonicalurl href siteurl ftvrawurl",
}
_IDS = {scheme: f"{scheme} {scheme}id" for scheme in SCHEMES}
_PRICES = {"rent": "price prix rentprice rentalprice prixlocation tariflocation tarif", "buy": "buyprice prixachat tarifachat"}
_LABELS = ("name", "label", "title", "fullName", "nom")
_FORMS = {
    "year": ("year_of",),
    "directors": ("names",),
    "countries": ("countries",),
    "runtime_min": ("minutes_from_iso", "minutes_from_hm", "int"),
}


def guess_fields(rows: list[dict[str, Any]], prefix: str = "") -> Rules:
    """The rules of `[fields]` that the rows allow, `prefix` before each path (« film. »)."""
    found: Rules = {}
    for field, names in _NAMES.items():
        if (told := _first(rows, names)) is not None and (rule := _rule(field, *told, prefix)) is not None:
            found[field] = rule
    return found


def guess_ids(rows: list[dict[str, Any]], prefix: str = "") -> Rules:
    """The rules of `[fields.ids]`."""
    found = {scheme: _first(rows, names) for scheme, names in _IDS.items()}
    return {scheme: prefix + key(told[0]) for scheme, told in found.items() if told and isinstance(told[1], str | int)}


def guess_prices(rows: list[dict[str, Any]], prefix: str = "") -> Rules:
    """The rule of a price by access."""
    found = {access: _first(rows, names) for access, names in _PRICES.items()}
    return {
        access: [prefix + key(told[0]), "cents"] for access, told in found.items() if told and _reads("cents", told[1])
    }  # fmt: skip


def _first(rows: list[dict[str, Any]], names: str) -> tuple[str, Any] | None:
    """The best named column that holds something, and the first value it holds."""
    for name in names.split():
        for row in rows[:50]:
            for column, value in row.items():
                if bare(str(column)) == name and value not in (None, "", [], {}):
                    return str(column), value
    return None


def _rule(field: str, column: str, value: Any, prefix: str) -> str | list[str] | None:
    path, sample = _labels(prefix + key(column), value)
    if field == "runtime_min" and (told := _minutes(column, sample)):
        return [path, told]
    for transform in _FORMS.get(field, ()):
        if _reads(transform, sample):
            return [path, transform]
    if field in _FORMS or isinstance(sample, dict | list | bool):
        return None
    return [path, "text"] if field in ("title", "original_title") and isinstance(sample, str) else path


def _labels(path: str, value: Any) -> tuple[str, Any]:
    """People and countries are often objects with a name."""
    items = value if isinstance(value, list) else [value]
    for label in _LABELS:
        if isinstance(items[0], dict) and isinstance(items[0].get(label), str):
            held = [item[label] for item in items if isinstance(item, dict) and isinstance(item.get(label), str)]
            return (f"{path}[].{label}", held) if isinstance(value, list) else (f"{path}.{label}", items[0][label])
    return path, value


def _minutes(column: str, value: Any) -> str | None:
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    if number is None and isinstance(value, str) and value.strip().isdecimal():
        number = int(value.strip()[:15])
    if number is None:
        return None
    if number >= 1_000_000:
        return "minutes_from_ms"
    return "minutes_from_seconds" if number >= 1000 or "second" in bare(column) else "int"


def _reads(transform: str, value: Any) -> bool:
    try:
        return TRANSFORMS[transform](value) not in (None, [])
    except (ValueError, OverflowError):
        return False


def as_toml(rules: Rules) -> Iterator[str]:
    """Rules as lines of a platform file."""
    for name, rule in rules.items():
        yield f"{name} = {quoted(rule) if isinstance(rule, str) else '[' + ', '.join(map(quoted, rule)) + ']'}"


def quoted(text: str) -> str:
    """A text of TOML."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(char if char.isprintable() else " " for char in escaped) + '"'
