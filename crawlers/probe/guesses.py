"""Guess what the columns of a catalogue mean, from their names and values. A person checks every guess."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from crawlers.extract.transforms import TRANSFORMS
from crawlers.probe.trees import normalise_key, quote_key
from domain.common.identifiers import SCHEMES

Row = dict[str, Any]
RuleText = str | list[str]
Rules = dict[str, RuleText]
"""Rules as a platform file writes them: a path, or a path and a transform."""

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
_TITLE_FIELDS = ("title", "original_title")
_FIELD_TRANSFORMS = {
    "year": ("year_of",),
    "directors": ("names",),
    "countries": ("countries",),
    "runtime_min": ("minutes_from_iso", "minutes_from_hm", "int"),
}
_SAMPLE_ROWS = 50


class _Column(NamedTuple):
    """Hold the name of a column, and the first value that it holds."""

    name: str
    value: Any


def guess_fields(rows: list[Row], prefix: str = "") -> Rules:
    """Return the rules of `[fields]` that the rows allow, `prefix` before each path (« film. »)."""
    rules: Rules = {}
    for field, names in _COLUMN_NAMES.items():
        column = _find_column(rows, names)
        if column is None:
            continue
        rule = _guess_rule(field, column, prefix)
        if rule is not None:
            rules[field] = rule
    return rules


def guess_ids(rows: list[Row], prefix: str = "") -> Rules:
    """Return the rules of `[fields.ids]`."""
    rules: Rules = {}
    for scheme, names in _ID_COLUMN_NAMES.items():
        column = _find_column(rows, names)
        if column is not None and isinstance(column.value, str | int):
            rules[scheme] = prefix + quote_key(column.name)
    return rules


def guess_prices(rows: list[Row], prefix: str = "") -> Rules:
    """Return the rule of a price by access."""
    rules: Rules = {}
    for access, names in _PRICE_COLUMN_NAMES.items():
        column = _find_column(rows, names)
        if column is not None and _can_transform("cents", column.value):
            rules[access] = [prefix + quote_key(column.name), "cents"]
    return rules


def _find_column(rows: list[Row], names: str) -> _Column | None:
    """Return the best named column that holds something; the first names are the best."""
    for name in names.split():
        for row in rows[:_SAMPLE_ROWS]:
            for column, value in row.items():
                if normalise_key(str(column)) == name and value not in (None, "", [], {}):
                    return _Column(str(column), value)
    return None


def _guess_rule(field: str, column: _Column, prefix: str) -> RuleText | None:
    path, sample = _resolve_labels(prefix + quote_key(column.name), column.value)
    if field == "runtime_min":
        transform = _guess_minutes_transform(column.name, sample)
        if transform is not None:
            return [path, transform]
    for transform in _FIELD_TRANSFORMS.get(field, ()):
        if _can_transform(transform, sample):
            return [path, transform]
    if field in _FIELD_TRANSFORMS or isinstance(sample, dict | list | bool):
        return None
    if field in _TITLE_FIELDS and isinstance(sample, str):
        return [path, "text"]
    return path


def _resolve_labels(path: str, value: Any) -> tuple[str, Any]:
    """Return the path and the value of the names, where people and countries are objects with a name."""
    items = value if isinstance(value, list) else [value]
    for key in _LABEL_KEYS:
        if not isinstance(items[0], dict) or not isinstance(items[0].get(key), str):
            continue
        if not isinstance(value, list):
            return f"{path}.{key}", value[key]
        objects = [item for item in items if isinstance(item, dict)]
        return f"{path}[].{key}", [item[key] for item in objects if isinstance(item.get(key), str)]
    return path, value


def _guess_minutes_transform(column_name: str, value: Any) -> str | None:
    """Return the transform of a duration that is a number, by its size: films last minutes, not hours or days."""
    quantity = _parse_number(value)
    if quantity is None:
        return None
    if quantity >= 1_000_000:
        return "minutes_from_ms"
    if quantity >= 1000 or "second" in normalise_key(column_name):
        return "minutes_from_seconds"
    return "int"


def _parse_number(value: Any) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value.strip()[:15])
    return None


def _can_transform(transform: str, value: Any) -> bool:
    try:
        return TRANSFORMS[transform](value) not in (None, [])
    except (ValueError, OverflowError):
        return False


def format_toml(rules: Rules) -> Iterator[str]:
    """Yield rules as lines of a platform file."""
    for name, rule in rules.items():
        if isinstance(rule, str):
            yield f"{name} = {quote_toml(rule)}"
        else:
            yield f"{name} = [{', '.join(map(quote_toml, rule))}]"


def quote_toml(text: str) -> str:
    """Return a text as TOML writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    printable = "".join(char if char.isprintable() else " " for char in escaped)
    return f'"{printable}"'
