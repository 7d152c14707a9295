"""Read EMA and MovieLabs Avails, whatever their carrier: licences of one work make one row."""

from collections.abc import Iterable

from crawlers.formats.avails_xlsx import read_xlsx_licences
from crawlers.formats.avails_xml import read_xml_licences
from crawlers.formats.feed_rows import FeedRow, Licence
from domain.common.errors import UserError

_ZIP_MAGIC = b"PK"


def read_avails(data: bytes, name: str, encoding: str | None = None) -> list[FeedRow]:
    """Return the works of an Avails document, XLSX or XML by its content. Raises UserError when it is neither."""
    licences = read_xlsx_licences(data, name) if data.startswith(_ZIP_MAGIC) else read_xml_licences(data, name, encoding)
    rows = _group_by_work(licences)
    if not rows:
        raise UserError(f"{name} : aucune ligne d'Avails")
    return rows


def _group_by_work(licences: Iterable[Licence]) -> list[FeedRow]:
    """Return one row for each work, in the order they came; a fact that one licence leaves out is taken from another."""
    works: dict[str, FeedRow] = {}
    for row, offer in licences:
        key_of_anonymous_work = f"\0{len(works)}"
        work = works.setdefault(str(row.get("ref") or key_of_anonymous_work), {"offers": []})
        for fact, value in row.items():
            work.setdefault(fact, value)  # type: ignore[misc]
        if offer:
            work["offers"].append(offer)
    return list(works.values())
