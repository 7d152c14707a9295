"""EMA and MovieLabs Avails, whatever their carrier: licences of one work make one line."""

from collections.abc import Iterable

from crawlers.formats.avails_xlsx import sheet_licences
from crawlers.formats.avails_xml import tree_licences
from crawlers.formats.licence_rows import Line, Offer
from domain.common.errors import Problem

_ZIP = b"PK"


def read_avails(data: bytes, name: str, encoding: str | None = None) -> list[Line]:
    """The works of an Avails document, XLSX or XML, told apart by its content. Raises Problem when it is neither."""
    licences = sheet_licences(data, name) if data.startswith(_ZIP) else tree_licences(data, name, encoding)
    lines = _gathered(licences)
    if not lines:
        raise Problem(f"{name} : aucune ligne d'Avails")
    return lines


def _gathered(licences: Iterable[tuple[Line, Offer]]) -> list[Line]:
    """One line for each work, in the order they came; a fact that one licence leaves out is taken from another."""
    works: dict[str, Line] = {}
    for line, offer in licences:
        work = works.setdefault(str(line.get("ref") or f"\0{len(works)}"), {"offers": []})
        for fact, value in line.items():
            work.setdefault(fact, value)  # type: ignore[misc]
        if offer:
            work["offers"].append(offer)
    return list(works.values())
