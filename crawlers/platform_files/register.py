"""The register of platforms as people read it: the list behind `ouvoir platforms`, and its check."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from crawlers.platform_files.loader import AnyFile, PlatformFile, PushFile, RegisterFile, load_file
from domain.common.enums import Access, Blocker, LegalBasis, PlatformStatus
from domain.common.errors import Problem
from domain.common.text import fold
from domain.db.engine import writing
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.platforms import register_all

ACCESSES = {
    Access.FREE: "gratuit",
    Access.FREE_WITH_ADS: "gratuit avec publicité",
    Access.CATCH_UP: "rattrapage",
    Access.LIBRARY: "bibliothèque",
    Access.SUBSCRIPTION: "abonnement",
    Access.RENT: "location",
    Access.BUY: "achat",
}
KINDS = {"feed": "flux", "api": "API", "pages": "pages", "lookup": "recherche", "push": "envoi"}
BLOCKERS = {
    Blocker.AGREEMENT: "accord",
    Blocker.KEY: "clé",
    Blocker.PROBE: "à sonder",
    Blocker.INVENTED: "inventée",
}
_HEADS = ("PLATEFORME", "FICHIER", "OFFRES", "ÉTAT", "SOURCE", "VÉRIFIÉE")
_LAST = "DERNIÈRE COLLECTE ACCEPTÉE"
_UNSAID = "-"


@dataclass(frozen=True)
class Register:
    """The files of a folder, by name, and the faults of those that cannot be read, one French line each."""

    files: tuple[AnyFile, ...]
    faults: tuple[str, ...]


def list_files(folder: Path) -> Register:
    """Every platform file of a folder. Raises Problem when there is no such folder; a faulty file is a fault."""
    if not folder.is_dir():
        raise Problem(f"{folder} : dossier de plateformes introuvable")
    files: list[AnyFile] = []
    faults = []
    for path in sorted(folder.glob("*.toml")):
        try:
            files.append(load_file(path.stem, folder))
        except Problem as problem:
            faults.append(str(problem))
    return Register(tuple(sorted(files, key=lambda file: (fold(file.name), file.slug))), tuple(faults))


def bring_in(engine: Engine, folder: Path, say: Callable[[str], None]) -> tuple[AnyFile, ...]:
    """Brings the register of the database to what the files of a folder say; a faulty one is told, and left as it was.

    Returns the files. Raises Problem when there is no such folder, or when the database cannot be written.
    """
    found = list_files(folder)
    for fault in found.faults:
        say(fault)
    with writing(engine) as session:
        register_all(session, [file.facts() for file in found.files])
    return found.files


def last_accepted_days(session: Session) -> dict[str, date]:
    """By slug, the day in UTC of the last run that was believed, of platforms that have one."""
    asked = select(Platform.slug, Run.started).join(Run, col(Platform.current_run_id) == col(Run.id))
    return {slug: started.date() for slug, started in session.exec(asked)}


def state_of(file: AnyFile) -> str:
    """Where a service stands, in French: collected, pushed by its editor, blocked and by what, paused, forbidden, closed."""
    if file.legal.basis is LegalBasis.FORBIDDEN:
        return "interdite"
    if file.status is PlatformStatus.CLOSED:
        return "fermée"
    if file.status is PlatformStatus.PAUSED:
        return "suspendue"
    if file.legal.blocked_by is not None:
        return f"bloquée ({BLOCKERS[file.legal.blocked_by]})"
    return "poussée par l'éditeur" if isinstance(file, PushFile) else "collectée"


def tell_register(files: Iterable[AnyFile], last: Mapping[str, date] | None = None) -> list[str]:
    """One aligned line a service under a line of heads. `last` adds the days of `last_accepted_days`."""
    heads = (*_HEADS, _LAST) if last is not None else _HEADS
    rows = [(*_facts(file), *([_day(last.get(file.slug))] if last is not None else [])) for file in files]
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    return [_aligned(row, widths) for row in (heads, *rows)]


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _facts(file: AnyFile) -> tuple[str, ...]:
    accesses = ", ".join(ACCESSES[access] for access in file.accesses) or _UNSAID
    if isinstance(file, RegisterFile):
        return file.name, file.slug, accesses, state_of(file), f"{KINDS[file.road]} (prévu)" if file.road else _UNSAID, _UNSAID
    return file.name, file.slug, accesses, state_of(file), KINDS[file.source.kind], _seen(file.verified)


def tell_file(file: AnyFile) -> list[str]:
    """All that the register says of one service, a line a fact, those that are unknown left out."""
    name, _, accesses, state, kind, verified = _facts(file)
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
    return [name, *(f"  {fact:<12} {said}" for fact, said in facts.items() if said and said != _UNSAID)]


def _seen(verified: str | date) -> str:
    return _day(verified) if isinstance(verified, date) else "sur échantillon"


def _day(day: date | None) -> str:
    return day.isoformat() if day else _UNSAID


def check_register(folder: Path, pages: Path) -> list[str]:
    """The faults of a folder of platform files, one French line each: « file : key : what was expected ».

    `pages` holds the saved answers; where it is absent they are not looked for. Raises Problem when there is no such folder.
    """
    register = list_files(folder)
    by_slug = {path.stem for path in folder.glob("*.toml")}
    closed = {file.slug for file in register.files if file.status is PlatformStatus.CLOSED}
    faults = list(register.faults)
    names: dict[str, str] = {}
    for file in register.files:
        faults += [f"{file.slug}.toml : {fault}" for fault in _faults(file, by_slug, closed, pages)]
        first = names.setdefault(fold(file.name), file.slug)
        if first != file.slug:
            faults.append(f"{file.slug}.toml : name : « {file.name} » est déjà le nom de {first}.toml")
    return sorted(faults)


def _faults(file: AnyFile, slugs: set[str], closed: set[str], pages: Path) -> Iterable[str]:
    for replaced in file.replaces:
        if replaced not in slugs:
            yield f"replaces : « {replaced} » n'a pas de fichier"
        elif replaced not in closed:
            yield f'replaces : « {replaced} » : status = "closed" attendu dans son fichier'
    if isinstance(file, PlatformFile | PushFile) and pages.is_dir() and not (pages / file.sample).is_file():
        yield f"sample : réponse enregistrée « {file.sample} » attendue dans {pages.name}"
