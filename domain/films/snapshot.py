"""Take snapshots of a film's sheet as flat plain values: an act's changes are compared and reverted value by value."""

import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any

from sqlmodel import Session, col, select

from domain.common.enums import TitleKind
from domain.common.errors import UserError
from domain.common.text import slugify
from domain.films.directors import replace_directors
from domain.films.overrides import EDITABLE_FACTS, from_json_value, to_json_value
from domain.linking.authors import get_agent_logins
from domain.linking.provenance import Provenance, format_provenance
from domain.models.film import Film, FilmIdentifier, FilmTitle, SourceRecord
from domain.models.provenance import ProvenancedRow

FilmSnapshot = dict[str, Any]
"""Facts by name, « edited:year », « gained:year », « titles:KEY SOURCE », « numbers:SCHEME:VALUE »; no key for what is absent."""
_SNAPSHOT_FACTS = (*EDITABLE_FACTS, "popularity")
_TITLE_FIELDS = ("title", "kind", "language", "key")
_IDENTIFIER_FIELDS = ("scheme", "value")
_DICT_COLUMNS = {"edited": "edited", "gained": "merged_attributes"}
"""The columns that hold a dictionary, by the prefix of their keys in a snapshot; the audit trail keeps these for ever."""


class IdentifierTakenError(UserError):
    """Tell that another film has an identifier: `film_id`, perhaps the same film twice."""

    def __init__(self, message: str, film_id: int) -> None:
        super().__init__(message)
        self.film_id = film_id


def take_film_snapshot(session: Session, film: Film) -> FilmSnapshot:
    """Return the sheet of a film as it is now."""
    logins = get_agent_logins(session)
    sheet: FilmSnapshot = {fact: to_json_value(getattr(film, fact)) for fact in _SNAPSHOT_FACTS}
    for prefix, column in _DICT_COLUMNS.items():
        sheet |= {f"{prefix}:{name}": value for name, value in getattr(film, column).items()}
    for title in session.exec(select(FilmTitle).where(FilmTitle.film_id == film.id).order_by(col(FilmTitle.id))):
        sheet[f"titles:{title.key} {format_provenance(title, logins)}"] = describe_title(title, logins)
    for identifier in session.exec(select(FilmIdentifier).where(FilmIdentifier.film_id == film.id)):
        sheet[f"numbers:{identifier.scheme}:{identifier.value}"] = _describe_identifier(identifier, logins)
    return sheet


def describe_title(title: FilmTitle, logins: Mapping[int, str]) -> dict[str, Any]:
    """Return a title as the audit trail keeps it."""
    return title.model_dump(include={*_TITLE_FIELDS}, mode="json") | _describe_provenance(title, logins)


def build_title(film_id: int, stored: Mapping[str, Any], sources: Collection[str]) -> FilmTitle:
    """Return a title of a film from what the audit trail keeps; `sources` are the names of the sources known."""
    facts = {name: stored[name] for name in _TITLE_FIELDS} | {"kind": TitleKind(stored["kind"])}
    return FilmTitle(film_id=film_id, **facts, **Provenance.from_json(stored, sources).to_columns())


def _describe_identifier(identifier: FilmIdentifier, logins: Mapping[int, str]) -> dict[str, Any]:
    return identifier.model_dump(include={*_IDENTIFIER_FIELDS}, mode="json") | _describe_provenance(identifier, logins)


def _build_identifier(film_id: int, stored: Mapping[str, Any], sources: Collection[str]) -> FilmIdentifier:
    facts = {name: stored[name] for name in _IDENTIFIER_FIELDS}
    return FilmIdentifier(film_id=film_id, **facts, **Provenance.from_json(stored, sources).to_columns())


def _describe_provenance(row: ProvenancedRow, logins: Mapping[int, str]) -> dict[str, Any]:
    """Return where a row comes from: the text, which the oldest lines of the trail have alone, and the columns."""
    return {"source": format_provenance(row, logins), "provenance": Provenance.from_row(row).to_columns()}


def compute_facts_etag(snapshot: Mapping[str, Any]) -> str:
    """Return a short hash of the facts that a person may set."""
    content = json.dumps([snapshot[fact] for fact in EDITABLE_FACTS])
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def diff_snapshots(before: FilmSnapshot, after: FilmSnapshot) -> tuple[FilmSnapshot, FilmSnapshot]:
    """Return the values that differ between two snapshots, as they were and as they are."""
    changed = [name for name in {**before, **after} if not _is_unchanged(name, before, after)]
    old_values = {name: before[name] for name in changed if name in before}
    new_values = {name: after[name] for name in changed if name in after}
    return old_values, new_values


def _is_unchanged(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    return (name in before) == (name in after) and _get_comparable(before.get(name)) == _get_comparable(after.get(name))


def _get_comparable(value: Any) -> Any:
    """Return a value of a snapshot without what the oldest lines of the audit trail do not tell."""
    if isinstance(value, dict):
        return {name: fact for name, fact in value.items() if name != "provenance"}
    return value


def revert_changes(session: Session, film: Film, before: FilmSnapshot, after: FilmSnapshot) -> None:
    """Revert what an act changed. Raises UserError when something of it was changed again since."""
    current = take_film_snapshot(session, film)
    changed = {**before, **after}
    if not all(_is_unchanged(name, current, after) for name in changed):
        raise UserError("ces faits ont changé depuis : corrigez-les plutôt à la main")
    for name in changed:
        kind, _, rest = name.partition(":")
        if kind in _DICT_COLUMNS:
            column = _DICT_COLUMNS[kind]
            values = {other: value for other, value in getattr(film, column).items() if other != rest}
            if name in before:
                values[rest] = before[name]
            setattr(film, column, values)
        elif kind in ("titles", "numbers"):
            _restore_row(session, film, kind, after.get(name), before.get(name))
        else:
            setattr(film, name, from_json_value(name, before[name]))
    film.slug = slugify(film.title)
    session.add(film)
    session.flush()
    replace_directors(session, [(film.id, film.directors)])


def require_free_identifier(session: Session, scheme: str, value: str) -> None:
    """Raise IdentifierTakenError when a film has this identifier."""
    stmt = select(Film).join(FilmIdentifier, col(FilmIdentifier.film_id) == col(Film.id))
    owner = session.exec(stmt.where(FilmIdentifier.scheme == scheme, FilmIdentifier.value == value)).first()
    if owner is not None:
        raise IdentifierTakenError(f"{scheme} {value} est le numéro du film n° {owner.id}, « {owner.title} »", owner.id)


def _restore_row(session: Session, film: Film, kind: str, current: FilmSnapshot | None, target: FilmSnapshot | None) -> None:
    """Put a title or an identifier back as it was, in place of the current one."""
    if current:
        _delete_row(session, film, kind, current)
    if target is None:
        return
    sources = get_known_sources(session, film)
    if kind == "titles":
        session.add(build_title(film.id, target, sources))
    else:
        require_free_identifier(session, target["scheme"], target["value"])
        session.add(_build_identifier(film.id, target, sources))
    session.flush()


def _delete_row(session: Session, film: Film, kind: str, current: FilmSnapshot) -> None:
    """Delete the title or the identifier that a snapshot tells; of titles alike, the one of the same provenance."""
    table = FilmTitle if kind == "titles" else FilmIdentifier
    key = "key" if kind == "titles" else "value"
    logins = get_agent_logins(session)
    for row in session.exec(select(table).where(table.film_id == film.id, getattr(table, key) == current[key])).all():
        if format_provenance(row, logins) == current["source"]:
            session.delete(row)
    session.flush()


def get_known_sources(session: Session, film: Film) -> set[str]:
    """Return the names of the sources that may have given something to a film."""
    return {film.source, *session.exec(select(SourceRecord.source).distinct())}
