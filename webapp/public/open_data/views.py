"""`/donnees`: what is opened, its files at addresses that do not change, and the days before."""

from datetime import UTC, datetime

from flask import Blueprint, Response, abort, send_file

from domain.common.settings import get_settings
from opendata.manifest import LATEST_NAME, LICENCE_NAME, LICENCE_URL, DataFile, list_exported_days, parse_export_day
from webapp.core.context import render_page
from webapp.core.formatting import format_number
from webapp.core.i18n import gettext
from webapp.public.open_data.exports import Export, find_export

bp = Blueprint("open_data", __name__)
_MEDIA_TYPES = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
    "schema": "application/json",
    "text": "text/plain",
}
_ATTACHMENT_FORMATS = ("csv", "parquet")
_LATEST_MAX_AGE, _DAY_MAX_AGE = 300, 86_400  # seconds
_KILO = 1_000


@bp.get("/donnees")
def show_latest() -> Response:
    """The files of the latest export, and the days that can still be had."""
    return _render_export(find_export(LATEST_NAME), LATEST_NAME)


@bp.get("/donnees/<day>")
def show_day(day: str) -> Response:
    """The files of one day."""
    if parse_export_day(day) is None or (found := find_export(day)) is None:
        abort(404)
    return _render_export(found, day)


@bp.get("/donnees/<export>/<name>")
def download_file(export: str, name: str) -> Response:
    """One file of the latest export (« latest ») or of a day's, whole or in part."""
    if export != LATEST_NAME and parse_export_day(export) is None:
        abort(404)
    if (found := find_export(export)) is None or (told := found.find_file(name)) is None:
        abort(404)
    answer = send_file(
        found.folder / name,
        mimetype=_MEDIA_TYPES[told.format],
        as_attachment=told.format in _ATTACHMENT_FORMATS,
        etag=told.sha256 or True,
        last_modified=found.manifest.at,
        max_age=_LATEST_MAX_AGE if export == LATEST_NAME else _DAY_MAX_AGE,
    )
    answer.cache_control.public = True
    answer.cache_control.no_cache = None
    return answer


def format_size(size: int) -> str:
    """« 12,3 Mo » of a size in bytes."""
    if size < _KILO:
        return gettext("%(size)s octets") % {"size": format_number(size)}
    if size < _KILO**2:
        return gettext("%(size)s ko") % {"size": format_number(round(size / _KILO))}
    return gettext("%(size)s Mo") % {"size": format_number(round(size / _KILO**2))}


def get_format_label(data_file: DataFile) -> str:
    """The format of a file, as it is called."""
    return {"csv": "CSV", "parquet": "Parquet", "json": "JSON", "schema": "Table Schema"}.get(data_file.format, data_file.name)


def _render_export(export: Export | None, name: str) -> Response:
    days = [day for day in list_exported_days(get_settings().open_data) if export and day != export.manifest.day]
    return render_page(
        "public/open_data/files.html",
        datetime.now(UTC),
        manifest=export.manifest if export else None,
        export=name,
        days=days,
        licence=LICENCE_URL,
        licence_name=LICENCE_NAME,
        weight=format_size,
        format_name=get_format_label,
    )
