"""List, synchronise and check the register of platforms."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from crawlers.platform_files.loader import (
    AnyPlatformFile,
    PlatformFile,
    PushPlatformFile,
    UncollectedPlatformFile,
    load_any_platform_file,
)
from domain.common.enums import Access, Blocker, LegalBasis, PlatformStatus
from domain.common.errors import UserError
from domain.common.text import fold_text
from domain.db.engine import write_session
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.platforms import register_platforms

ACCESS_LABELS = {
    Access.FREE: "gratuit",
    Access.FREE_WITH_ADS: "gratuit avec publicité",
    Access.CATCH_UP: "rattrapage",
    Access.LIBRARY: "bibliothèque",
    Access.SUBSCRIPTION: "abonnement",
    Access.RENT: "location",
    Access.BUY: "achat",
}
SOURCE_KIND_LABELS = {"feed": "flux", "api": "API", "pages": "pages", "lookup": "recherche", "push": "envoi"}
BLOCKER_LABELS = {
    Blocker.AGREEMENT: "accord",
    Blocker.KEY: "clé",
    Blocker.PROBE: "à sonder",
    Blocker.INVENTED: "inventée",
}
_HEADERS = ("PLATEFORME", "FICHIER", "OFFRES", "ÉTAT", "SOURCE", "VÉRIFIÉE")
_LAST_RUN_HEADER = "DERNIÈRE COLLECTE ACCEPTÉE"
_MISSING_VALUE = "-"


@dataclass(frozen=True)
class PlatformFileListing:
    """Hold the files of a folder, by name, and the faults of those that cannot be read, one French line each."""

    files: tuple[AnyPlatformFile, ...]
    faults: tuple[str, ...]


def list_platform_files(folder: Path) -> PlatformFileListing:
    """Return every platform file of a folder. Raises UserError when there is no such folder; a faulty file is a fault."""
    if not folder.is_dir():
        raise UserError(f"{folder} : dossier de plateformes introuvable")
    files: list[AnyPlatformFile] = []
    faults = []
    for path in sorted(folder.glob("*.toml")):
        try:
            files.append(load_any_platform_file(path.stem, folder))
        except UserError as error:
            faults.append(str(error))
    files.sort(key=lambda file: (fold_text(file.name), file.slug))
    return PlatformFileListing(tuple(files), tuple(faults))


def sync_platforms(engine: Engine, folder: Path, progress: Callable[[str], None]) -> tuple[AnyPlatformFile, ...]:
    """Bring the platforms of the database to what the files of a folder say; a faulty one is reported, and left as it was.

    Returns the files. Raises UserError when there is no such folder, or when the database cannot be written.
    """
    listing = list_platform_files(folder)
    for fault in listing.faults:
        progress(fault)
    with write_session(engine) as session:
        register_platforms(session, [file.build_platform_facts() for file in listing.files])
    return listing.files


def get_last_accepted_days(session: Session) -> dict[str, date]:
    """Return by slug the day, in UTC, of the last accepted run of the platforms that have one."""
    stmt = select(Platform.slug, Run.started_at).join(Run, col(Platform.current_run_id) == col(Run.id))
    return {slug: started_at.date() for slug, started_at in session.exec(stmt)}


def get_state_label(file: AnyPlatformFile) -> str:
    """Return the state of a service, in French: collected, pushed by its editor, blocked (by what), paused, forbidden, closed."""
    if file.legal.basis is LegalBasis.FORBIDDEN:
        return "interdite"
    if file.status is PlatformStatus.CLOSED:
        return "fermée"
    if file.status is PlatformStatus.PAUSED:
        return "suspendue"
    if file.legal.blocked_by is not None:
        return f"bloquée ({BLOCKER_LABELS[file.legal.blocked_by]})"
    if isinstance(file, PushPlatformFile):
        return "poussée par l'éditeur"
    return "collectée"


def format_register(files: Iterable[AnyPlatformFile], last: Mapping[str, date] | None = None) -> list[str]:
    """Return one aligned line a service under a line of headers. `last` adds the days of `get_last_accepted_days`."""
    table: list[tuple[str, ...]] = []
    if last is None:
        table += [_HEADERS, *map(_build_row, files)]
    else:
        table.append((*_HEADERS, _LAST_RUN_HEADER))
        table += [(*_build_row(file), _format_day(last.get(file.slug))) for file in files]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [_align_row(row, widths) for row in table]


def _align_row(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _build_row(file: AnyPlatformFile) -> tuple[str, ...]:
    accesses = ", ".join(ACCESS_LABELS[access] for access in file.accesses) or _MISSING_VALUE
    return (file.name, file.slug, accesses, get_state_label(file), _format_source_kind(file), _format_verified(file))


def _format_source_kind(file: AnyPlatformFile) -> str:
    if not isinstance(file, UncollectedPlatformFile):
        return SOURCE_KIND_LABELS[file.source.kind]
    if file.road:
        return f"{SOURCE_KIND_LABELS[file.road]} (prévu)"
    return _MISSING_VALUE


def format_platform_file(file: AnyPlatformFile) -> list[str]:
    """Return all that the register says of one service, a line a fact, without those that are unknown."""
    name, _, accesses, state, kind, verified = _build_row(file)
    facts = {
        "exploitant": f"{file.operator} ({file.country})",
        "offres": accesses,
        "état": state,
        "empêchement": file.legal.blocked,
        "précision": file.status_note,
        "remplace": ", ".join(file.replaces),
        "source": kind,
        "vérifiée": verified,
        "site": file.site,
        "légalité": file.legal.evidence,
        "lue le": file.legal.checked_on.isoformat(),
        "doute": file.legal.doubt,
    }
    return [name, *(f"  {label:<12} {value}" for label, value in facts.items() if value and value != _MISSING_VALUE)]


def _format_verified(file: AnyPlatformFile) -> str:
    if isinstance(file, UncollectedPlatformFile):
        return _MISSING_VALUE
    if isinstance(file.verified, date):
        return _format_day(file.verified)
    return "sur échantillon"


def _format_day(day: date | None) -> str:
    if day:
        return day.isoformat()
    return _MISSING_VALUE


def check_register(folder: Path, pages: Path) -> list[str]:
    """Return the faults of a folder of platform files, one French line each: « file : key : what was expected ».

    `pages` holds the saved answers; where it is absent they are not looked for. Raises UserError when there is no such folder.
    """
    listing = list_platform_files(folder)
    slugs = {path.stem for path in folder.glob("*.toml")}
    closed_slugs = {file.slug for file in listing.files if file.status is PlatformStatus.CLOSED}
    faults = list(listing.faults)
    slug_by_name: dict[str, str] = {}
    for file in listing.files:
        faults += [f"{file.slug}.toml : {fault}" for fault in _iter_faults(file, slugs, closed_slugs, pages)]
        first_slug = slug_by_name.setdefault(fold_text(file.name), file.slug)
        if first_slug != file.slug:
            faults.append(f"{file.slug}.toml : name : « {file.name} » est déjà le nom de {first_slug}.toml")
    return sorted(faults)


def _iter_faults(file: AnyPlatformFile, slugs: set[str], closed_slugs: set[str], pages: Path) -> Iterable[str]:
    for replaced in file.replaces:
        if replaced not in slugs:
            yield f"replaces : « {replaced} » n'a pas de fichier"
        elif replaced not in closed_slugs:
            yield f'replaces : « {replaced} » : status = "closed" attendu dans son fichier'
    if isinstance(file, PlatformFile | PushPlatformFile) and pages.is_dir() and not (pages / file.sample).is_file():
        yield f"sample : réponse enregistrée « {file.sample} » attendue dans {pages.name}"
