"""Guessing what the columns of a catalogue mean, from their names and from what they hold. A person checks every guess."""

from collections.abc import Iterator
from typing import Any

from crawlers.extract.transforms import TRANSFORMS
from crawlers.probe.trees import normalise_key, quote_key
from domain.common.identifiers import SCHEMES

Rules = dict[str, str | list[str]]

_COLUMN_NAMES = {
    "ref": "id ref programid productcode codeproduit idproduct idtitle uuid code sku slug ean reference isan",
    "title": "title titre name nom label titrefr localizedtitle",
    "original_title": "originaltitle titreoriginal originalname",
    "year": "year productionyear annee releaseyear anneeproduction anneedeproduction producedat releasedate datecreated",
    "directors": "directors director realisateurs realisateur directorname",
    "runtime_min": "duration runtime durationseconds duree durationminutes runtimeminutes dureeminutes productduration",
    "countries": "countries country historiccountries productioncountries pays origin",
    "url": "url weburl link permalink lien canonicalurl href siteurl ftvrawurl",
}
_ID_COLUMN_NAMES = {scheme: f"{scheme} {scheme}id" for scheme in SCHEMES}
_PRICE_COLUMN_NAMES = {
    "rent": "price prix rentprice rentalprice prixlocation tariflocation tarif",
    "buy": "buyprice prixachat tarifachat",
}
_LABEL_KEYS = ("name", "label", "title", "fullName", "nom")
_FIELD_TRANSFORMS = {
    "year": ("year_of",),
    "directors": ("names",),
    "countries": ("countries",),
    "runtime_min": ("minutes_from_iso", "minutes_from_hm", "int"),
}


def guess_fields(rows: list[dict[str, Any]], prefix: str = "") -> Rules:
    """The rules of `[fields]` that the rows allow, `prefix` before each path (« film. »)."""
    found: Rules = {}
    for field, names in _COLUMN_NAMES.items():
        if (told := _find_column(rows, names)) is not None and (rule := _guess_rule(field, *told, prefix)) is not None:
            found[field] = rule
    return found


def guess_ids(rows: list[dict[str, Any]], prefix: str = "") -> Rules:
    """The rules of `[fields.ids]`."""
    found = {scheme: _find_column(rows, names) for scheme, names in _ID_COLUMN_NAMES.items()}
    return {scheme: prefix + quote_key(told[0]) for scheme, told in found.items() if told and isinstance(told[1], str | int)}


def guess_prices(rows: list[dict[str, Any]], prefix: str = "") -> Rules:
    """The rule of a price by access."""
    found = {access: _find_column(rows, names) for access, names in _PRICE_COLUMN_NAMES.items()}
    return {
        access: [prefix + quote_key(told[0]), "cents"]
        for access, told in found.items()
        if told and _can_transform("cents", told[1])
    }


def _find_column(rows: list[dict[str, Any]], names: str) -> tuple[str, Any] | None:
    """The best named column that holds something, and the first value it holds."""
    for name in names.split():
        for row in rows[:50]:
            for column, value in row.items():
                if normalise_key(str(column)) == name and value not in (None, "", [], {}):
                    return str(column), value
    return None


def _guess_rule(field: str, column: str, value: Any, prefix: str) -> str | list[str] | None:
    path, sample = _resolve_labels(prefix + quote_key(column), value)
    if field == "runtime_min" and (told := _guess_minutes_transform(column, sample)):
        return [path, told]
    for transform in _FIELD_TRANSFORMS.get(field, ()):
        if _can_transform(transform, sample):
            return [path, transform]
    if field in _FIELD_TRANSFORMS or isinstance(sample, dict | list | bool):
        return None
    return [path, "text"] if field in ("title", "original_title") and isinstance(sample, str) else path


def _resolve_labels(path: str, value: Any) -> tuple[str, Any]:
    """People and countries are often objects with a name."""
    items = value if isinstance(value, list) else [value]
    for label in _LABEL_KEYS:
        if isinstance(items[0], dict) and isinstance(items[0].get(label), str):
            held = [item[label] for item in items if isinstance(item, dict) and isinstance(item.get(label), str)]
            return (f"{path}[].{label}", held) if isinstance(value, list) else (f"{path}.{label}", items[0][label])
    return path, value


def _guess_minutes_transform(column: str, value: Any) -> str | None:
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    if number is None and isinstance(value, str) and value.strip().isdecimal():
        number = int(value.strip()[:15])
    if number is None:
        return None
    if number >= 1_000_000:
        return "minutes_from_ms"
    return "minutes_from_seconds" if number >= 1000 or "second" in normalise_key(column) else "int"


def _can_transform(transform: str, value: Any) -> bool:
    try:
        return TRANSFORMS[transform](value) not in (None, [])
    except (ValueError, OverflowError):
        return False


def format_toml(rules: Rules) -> Iterator[str]:
    """Rules as lines of a platform file."""
    for name, rule in rules.items():
        yield f"{name} = {quote_toml(rule) if isinstance(rule, str) else '[' + ', '.join(map(quote_toml, rule)) + ']'}"


def quote_toml(text: str) -> str:
    """A text of TOML."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(char if char.isprintable() else " " for char in escaped) + '"'
