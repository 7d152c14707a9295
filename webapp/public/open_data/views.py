"""`/donnees`: what is opened, its files at addresses that do not change, and the days before."""

from datetime import UTC, datetime

from flask import Blueprint, Response, abort, send_file

from domain.common.settings import open_data_folder
from opendata.manifest import LATEST, LICENCE, LICENCE_NAME, DataFile, day_of, exported_days
from webapp.core.context import page
from webapp.core.formatting import number
from webapp.core.i18n import gettext
from webapp.public.open_data.exports import Export, find_export

pages = Blueprint("open_data", __name__)
_TYPES = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
    "schema": "application/json",
    "text": "text/plain",
}
_SAVED = ("csv", "parquet")
_LATEST_KEPT, _DAY_KEPT = 300, 86_400  # seconds
_KILO = 1_000


@pages.get("/donnees")
def latest() -> Response:
    """The files of the latest export, and the days that can still be had."""
    return _show(find_export(LATEST), LATEST)


@pages.get("/donnees/<day>")
def of_day(day: str) -> Response:
    """The files of one day."""
    if day_of(day) is None or (found := find_export(day)) is None:
        abort(404)
    return _show(found, day)


@pages.get("/donnees/<export>/<name>")
def file(export: str, name: str) -> Response:
    """One file of the latest export (« latest ») or of a day's, whole or in part."""
    if export != LATEST and day_of(export) is None:
        abort(404)
    if (found := find_export(export)) is None or (told := found.file(name)) is None:
        abort(404)
    answer = send_file(
        found.folder / name,
        mimetype=_TYPES[told.format],
        as_attachment=told.format in _SAVED,
        etag=told.sha256 or True,
        last_modified=found.manifest.at,
        max_age=_LATEST_KEPT if export == LATEST else _DAY_KEPT,
    )
    answer.cache_control.public = True
    answer.cache_control.no_cache = None
    return answer


def weight(size: int) -> str:
    """« 12,3 Mo » of a size in bytes."""
    if size < _KILO:
        return gettext("%(size)s octets") % {"size": number(size)}
    if size < _KILO**2:
        return gettext("%(size)s ko") % {"size": number(round(size / _KILO))}
    return gettext("%(size)s Mo") % {"size": number(round(size / _KILO**2))}


def format_name(told: DataFile) -> str:
    """The format of a file, as it is called."""
    return {"csv": "CSV", "parquet": "Parquet", "json": "JSON", "schema": "Table Schema"}.get(told.format, told.name)


def _show(found: Export | None, name: str) -> Response:
    days = [day for day in exported_days(open_data_folder()) if found and day != found.manifest.day]
    return page(
        "public/open_data/files.html",
        datetime.now(UTC),
        manifest=found.manifest if found else None,
        export=name,
        days=days,
        licence=LICENCE,
        licence_name=LICENCE_NAME,
        weight=weight,
        format_name=format_name,
    )
