"""Serve `/donnees`: what is open data, its files at addresses that do not change, and the days before."""

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
_FORMAT_LABELS = {"csv": "CSV", "parquet": "Parquet", "json": "JSON", "schema": "Table Schema"}
_ATTACHMENT_FORMATS = ("csv", "parquet")
_LATEST_MAX_AGE = 300  # seconds
_DAY_MAX_AGE = 86_400  # seconds
_KILO = 1_000


@bp.get("/donnees")
def show_latest() -> Response:
    """Show the files of the latest export, and the days that can still be had."""
    return _render_export(find_export(LATEST_NAME), LATEST_NAME)


@bp.get("/donnees/<day>")
def show_day(day: str) -> Response:
    """Show the files of one day."""
    return _render_export(_get_day_export_or_404(day), day)


def _get_day_export_or_404(day: str) -> Export:
    export = find_export(day) if parse_export_day(day) is not None else None
    if export is None:
        abort(404)
    return export


@bp.get("/donnees/<export>/<name>")
def download_file(export: str, name: str) -> Response:
    """Send one file of the latest export (« latest ») or of a day's, whole or in part."""
    is_latest = export == LATEST_NAME
    found_export = find_export(LATEST_NAME) if is_latest else _get_day_export_or_404(export)
    file = found_export.find_file(name) if found_export else None
    if found_export is None or file is None:
        abort(404)
    response = send_file(
        found_export.folder / name,
        mimetype=_MEDIA_TYPES[file.format],
        as_attachment=file.format in _ATTACHMENT_FORMATS,
        etag=file.sha256 or True,
        last_modified=found_export.manifest.at,
        max_age=_LATEST_MAX_AGE if is_latest else _DAY_MAX_AGE,
    )
    response.cache_control.public = True
    response.cache_control.no_cache = None
    return response


def format_size(size: int) -> str:
    """Return « 12 Mo » for a size in bytes."""
    if size < _KILO:
        return gettext("%(size)s octets") % {"size": format_number(size)}
    if size < _KILO**2:
        return gettext("%(size)s ko") % {"size": format_number(round(size / _KILO))}
    return gettext("%(size)s Mo") % {"size": format_number(round(size / _KILO**2))}


def get_format_label(file: DataFile) -> str:
    """Return the usual name of a file's format, or the file's own name."""
    return _FORMAT_LABELS.get(file.format, file.name)


def _render_export(export: Export | None, name: str) -> Response:
    other_days = []
    if export is not None:
        other_days = [day for day in list_exported_days(get_settings().open_data) if day != export.manifest.day]
    return render_page(
        "public/open_data/files.html",
        datetime.now(UTC),
        manifest=export.manifest if export else None,
        export=name,
        other_days=other_days,
        licence_url=LICENCE_URL,
        licence_name=LICENCE_NAME,
        format_size=format_size,
        get_format_label=get_format_label,
    )
