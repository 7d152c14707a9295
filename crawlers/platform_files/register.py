"""The register of platforms as people read it: the list behind `ouvoir platforms`, and its check."""

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
    """The files of a folder, by name, and the faults of those that cannot be read, one French line each."""

    files: tuple[AnyPlatformFile, ...]
    faults: tuple[str, ...]


def list_platform_files(folder: Path) -> PlatformFileListing:
    """Every platform file of a folder. Raises Problem when there is no such folder; a faulty file is a fault."""
    if not folder.is_dir():
        raise UserError(f"{folder} : dossier de plateformes introuvable")
    files: list[AnyPlatformFile] = []
    faults = []
    for path in sorted(folder.glob("*.toml")):
        try:
            files.append(load_any_platform_file(path.stem, folder))
        except UserError as problem:
            faults.append(str(problem))
    return PlatformFileListing(tuple(sorted(files, key=lambda file: (fold_text(file.name), file.slug))), tuple(faults))


def sync_platforms(engine: Engine, folder: Path, progress: Callable[[str], None]) -> tuple[AnyPlatformFile, ...]:
    """Brings the register of the database to what the files of a folder say; a faulty one is told, and left as it was.

    Returns the files. Raises Problem when there is no such folder, or when the database cannot be written.
    """
    found = list_platform_files(folder)
    for fault in found.faults:
        progress(fault)
    with write_session(engine) as session:
        register_platforms(session, [file.build_platform_facts() for file in found.files])
    return found.files


def get_last_accepted_days(session: Session) -> dict[str, date]:
    """By slug, the day in UTC of the last run that was believed, of platforms that have one."""
    asked = select(Platform.slug, Run.started_at).join(Run, col(Platform.current_run_id) == col(Run.id))
    return {slug: started.date() for slug, started in session.exec(asked)}


def get_state_label(file: AnyPlatformFile) -> str:
    """Where a service stands, in French: collected, pushed by its editor, blocked and by what, paused, forbidden, closed."""
    if file.legal.basis is LegalBasis.FORBIDDEN:
        return "interdite"
    if file.status is PlatformStatus.CLOSED:
        return "fermée"
    if file.status is PlatformStatus.PAUSED:
        return "suspendue"
    if file.legal.blocked_by is not None:
        return f"bloquée ({BLOCKER_LABELS[file.legal.blocked_by]})"
    return "poussée par l'éditeur" if isinstance(file, PushPlatformFile) else "collectée"


def format_register(files: Iterable[AnyPlatformFile], last: Mapping[str, date] | None = None) -> list[str]:
    """One aligned line a service under a line of heads. `last` adds the days of `last_accepted_days`."""
    heads = (*_HEADERS, _LAST_RUN_HEADER) if last is not None else _HEADERS
    rows = [(*_build_row(file), *([_format_day(last.get(file.slug))] if last is not None else [])) for file in files]
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    return [_align_row(row, widths) for row in (heads, *rows)]


def _align_row(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _build_row(file: AnyPlatformFile) -> tuple[str, ...]:
    accesses = ", ".join(ACCESS_LABELS[access] for access in file.accesses) or _MISSING_VALUE
    if isinstance(file, UncollectedPlatformFile):
        return (
            file.name,
            file.slug,
            accesses,
            get_state_label(file),
            f"{SOURCE_KIND_LABELS[file.road]} (prévu)" if file.road else _MISSING_VALUE,
            _MISSING_VALUE,
        )
    return (
        file.name,
        file.slug,
        accesses,
        get_state_label(file),
        SOURCE_KIND_LABELS[file.source.kind],
        _format_verified(file.verified),
    )


def format_platform_file(file: AnyPlatformFile) -> list[str]:
    """All that the register says of one service, a line a fact, those that are unknown left out."""
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
    return [name, *(f"  {fact:<12} {said}" for fact, said in facts.items() if said and said != _MISSING_VALUE)]


def _format_verified(verified: str | date) -> str:
    return _format_day(verified) if isinstance(verified, date) else "sur échantillon"


def _format_day(day: date | None) -> str:
    return day.isoformat() if day else _MISSING_VALUE


def check_register(folder: Path, pages: Path) -> list[str]:
    """The faults of a folder of platform files, one French line each: « file : key : what was expected ».

    `pages` holds the saved answers; where it is absent they are not looked for. Raises Problem when there is no such folder.
    """
    register = list_platform_files(folder)
    by_slug = {path.stem for path in folder.glob("*.toml")}
    closed = {file.slug for file in register.files if file.status is PlatformStatus.CLOSED}
    faults = list(register.faults)
    names: dict[str, str] = {}
    for file in register.files:
        faults += [f"{file.slug}.toml : {fault}" for fault in _iter_faults(file, by_slug, closed, pages)]
        first = names.setdefault(fold_text(file.name), file.slug)
        if first != file.slug:
            faults.append(f"{file.slug}.toml : name : « {file.name} » est déjà le nom de {first}.toml")
    return sorted(faults)


def _iter_faults(file: AnyPlatformFile, slugs: set[str], closed: set[str], pages: Path) -> Iterable[str]:
    for replaced in file.replaces:
        if replaced not in slugs:
            yield f"replaces : « {replaced} » n'a pas de fichier"
        elif replaced not in closed:
            yield f'replaces : « {replaced} » : status = "closed" attendu dans son fichier'
    if isinstance(file, PlatformFile | PushPlatformFile) and pages.is_dir() and not (pages / file.sample).is_file():
        yield f"sample : réponse enregistrée « {file.sample} » attendue dans {pages.name}"
