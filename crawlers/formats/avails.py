"""EMA and MovieLabs Avails, whatever their carrier: licences of one work make one line."""

from collections.abc import Iterable

from crawlers.formats.avails_xlsx import read_xlsx_licences
from crawlers.formats.avails_xml import read_xml_licences
from crawlers.formats.licence_rows import FeedLine, FeedOffer
from domain.common.errors import UserError

_ZIP_MAGIC = b"PK"


def read_avails(data: bytes, name: str, encoding: str | None = None) -> list[FeedLine]:
    """The works of an Avails document, XLSX or XML, told apart by its content. Raises Problem when it is neither."""
    licences = read_xlsx_licences(data, name) if data.startswith(_ZIP_MAGIC) else read_xml_licences(data, name, encoding)
    lines = _group_by_work(licences)
    if not lines:
        raise UserError(f"{name} : aucune ligne d'Avails")
    return lines


def _group_by_work(licences: Iterable[tuple[FeedLine, FeedOffer]]) -> list[FeedLine]:
    """One line for each work, in the order they came; a fact that one licence leaves out is taken from another."""
    works: dict[str, FeedLine] = {}
    for line, offer in licences:
        work = works.setdefault(str(line.get("ref") or f"\0{len(works)}"), {"offers": []})
        for fact, value in line.items():
            work.setdefault(fact, value)  # type: ignore[misc]
        if offer:
            work["offers"].append(offer)
    return list(works.values())
