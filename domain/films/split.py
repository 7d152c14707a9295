"""A record that is two films: what belongs to the other leaves, for a film of its own; and back again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import delete
from sqlmodel import Session, col, func, select

from domain.accounts.audit_trail import note
from domain.common.enums import LineState, TitleKind
from domain.common.errors import Problem
from domain.common.text import clean, slugify
from domain.common.titles import title_key
from domain.films.attribute_merge import regain
from domain.films.edits import lock_film, read_reason
from domain.films.formats import FilmLine
from domain.films.merge import entries_of, move_entries, return_entries, stand_again
from domain.films.overrides import LEFT_OUT, giver, left_out, name_titles, number_mark, title_mark
from domain.films.reassigned_records import Former, former_of, link_line
from domain.films.snapshot import changes, put_back, read_sheet
from domain.films.source_records import settle_line
from domain.models.agent import Agent, AuditLine
from domain.models.film import BaseLine, Film, FilmDirector, FilmIdentifier, FilmTitle

_SPLIT = "fiche partagée en deux films"
_Row = TypeVar("_Row", FilmTitle, FilmIdentifier)
SOURCE = "agents"
"""The base of the films that agents make."""


@dataclass(frozen=True)
class Leaving:
    """What leaves a film, by number: a line of a base, entries, titles, identifiers. `title` and `year` tell a film without."""

    line_id: int | None = None
    entry_ids: Sequence[int] = ()
    title_ids: Sequence[int] = ()
    number_ids: Sequence[int] = ()
    title: str = ""
    year: int | None = None


def split(session: Session, film_id: int, agent: Agent, leaving: Leaving, reason: str, now: datetime) -> AuditLine:
    """Makes a film of what leaves another; the line of a film merged before gives that film back, under its number.

    Raises Problem when what leaves is not of the film any more, or when nothing says what the new film is.
    """
    film, told = lock_film(session, film_id), read_reason(reason)
    entries = [entry for entry, _ in entries_of(session, film_id) if entry.id in leaving.entry_ids]
    if len(entries) != len(set(leaving.entry_ids)):
        raise Problem("une des lignes choisies n’est plus reliée à ce film : relisez la fiche")
    line = _line(session, film, leaving.line_id)
    was, former = read_sheet(session, film), former_of(line).told() if line else None
    film.updated = now
    rows = _take_rows(session, film, leaving)
    new_id, into = _of_line(session, film, line, agent, now) if line else (_of_title(session, leaving, now), None)
    _give_rows(session, new_id, rows, agent)
    regain(session, {film_id}, now)
    regain(session, {new_id}, now)
    moved = move_entries(session, entries, new_id, giver(agent.login), _SPLIT, now)
    session.flush()
    before, after = changes(was, read_sheet(session, session.get_one(Film, film_id)))
    detail = {"reason": told, "film": new_id, "entries": moved, "line": former, "merged_into": into}
    note(session, now, agent.id, "film-made", film_id=new_id, detail={"reason": told, "from": film_id})
    return note(session, now, agent.id, "film-split", film_id=film_id, detail=detail, before=before, after=after)


def _line(session: Session, film: Film, line_id: int | None) -> BaseLine | None:
    if line_id is None:
        return None
    line = session.exec(select(BaseLine).where(BaseLine.id == line_id).with_for_update()).first()
    if line is None or line.film_id != film.id or line.state is not LineState.LINKED:
        raise Problem("cette ligne de base n’est plus rattachée à ce film : relisez la fiche")
    return line


def _take_rows(session: Session, film: Film, leaving: Leaving) -> tuple[list[FilmTitle], list[FilmIdentifier]]:
    """Takes titles and numbers away from the film, for ever. Raises Problem when one is not its own, or names it."""
    titles, numbers = _rows(session, FilmTitle, film, leaving.title_ids), _rows(session, FilmIdentifier, film, leaving.number_ids)
    names = {title_key(title) for title in (film.title, film.original_title) if title}
    if any(row.key in names for row in titles):
        raise Problem("le titre affiché et le titre original restent : corrigez-les dans la fiche")
    marks = [title_mark(row.key) for row in titles] + [number_mark(row.scheme, row.value) for row in numbers]
    if marks:
        film.edited = {**film.edited, LEFT_OUT: sorted(left_out(film.edited).union(marks))}
    for one in (*titles, *numbers):
        session.delete(one)
    session.add(film)
    session.flush()
    return titles, numbers


def _rows(session: Session, table: type[_Row], film: Film, wanted: Sequence[int]) -> list[_Row]:
    found = session.exec(select(table).where(table.film_id == film.id, col(table.id).in_(wanted)).order_by(col(table.id))).all()
    if len(found) != len(set(wanted)):
        raise Problem("un des titres ou numéros choisis n’est plus dans la fiche : relisez-la")
    return list(found)


def _of_line(session: Session, film: Film, line: BaseLine, agent: Agent, now: datetime) -> tuple[int, int | None]:
    """The film that the line is: the one that was merged, with the film it was merged into; or one of its own."""
    same = select(Film).where(Film.source == line.source, Film.source_ref == line.source_ref)
    merged = session.exec(same.with_for_update()).first()
    if merged is None:
        settle_line(session, line, None, giver(agent.login), now)
        return line.film_id or 0, None
    into, merged.merged_into, merged.updated = merged.merged_into, None, now
    line.state, line.film_id, line.by_person, line.decided_at = LineState.NEW, merged.id, True, now
    session.add(merged)
    session.add(line)
    session.flush()
    regain(session, {film.id}, now)
    stand_again(session, merged, FilmLine.model_validate({"line": 0, **line.payload}), now)
    return merged.id, into


def _of_title(session: Session, leaving: Leaving, now: datetime) -> int:
    title = clean(leaving.title)
    if not title or len(title) > 500:
        raise Problem("le titre du nouveau film est attendu, ou une ligne de base qui dit ce qu’il est")
    number = (session.exec(select(func.max(Film.id))).one() or 0) + 1
    told: dict[str, Any] = {"title": title, "year": leaving.year, "slug": slugify(title)}
    film = Film(id=number, source=SOURCE, source_ref=str(number), **told, content_hash="", updated=now)
    session.add(film)
    session.flush()
    name_titles(session, film, SOURCE)
    return number


def _give_rows(session: Session, film_id: int, rows: tuple[list[FilmTitle], list[FilmIdentifier]], agent: Agent) -> None:
    source = giver(agent.login)
    known = set(session.exec(select(FilmTitle.key).where(FilmTitle.film_id == film_id)))
    for row in rows[0]:
        if row.key not in known:
            copy = FilmTitle(film_id=film_id, title=row.title, kind=TitleKind.ALTERNATIVE, key=row.key, source=source)
            copy.language = row.language
            session.add(copy)
    held = set(session.exec(select(FilmIdentifier.scheme, FilmIdentifier.value).where(FilmIdentifier.film_id == film_id)))
    for one in rows[1]:
        if (one.scheme, one.value) not in held:
            session.add(FilmIdentifier(film_id=film_id, scheme=one.scheme, value=one.value, source=source))
    session.flush()


def join_again(session: Session, act: AuditLine, now: datetime) -> None:
    """Undoes a split: the film made has the first one's number as another name. Raises Problem when it has served since."""
    told, film = act.detail, lock_film(session, act.film_id or 0)
    made = lock_film(session, told["film"])
    if {entry.id for entry, _ in entries_of(session, made.id)} - {entry_id for entry_id, _ in told["entries"]}:
        raise Problem(f"d’autres lignes sont reliées au film n° {made.id} depuis : rien n’est annulé")
    if _corrected_since(session, made.id, act.id or 0):
        raise Problem(f"la fiche du film n° {made.id} a été corrigée depuis : rien n’est annulé")
    return_entries(session, told["entries"], made.id, _SPLIT, now)
    for table in (FilmTitle, FilmIdentifier, FilmDirector):
        session.exec(delete(table).where(col(table.film_id) == made.id))
    made.merged_into, made.updated, made.content_hash = told["merged_into"] or film.id, now, ""
    session.add(made)
    if told["line"]:
        former = Former(**told["line"])
        link_line(session.get_one(BaseLine, former.id), film.id, former.who, now)
    session.flush()
    put_back(session, film, act.before or {}, act.after or {})
    regain(session, {film.id}, now)


def _corrected_since(session: Session, film_id: int, act_id: int) -> bool:
    """Whether something done to a film after an act stands, or something done before was taken back."""
    later = select(AuditLine).where(AuditLine.film_id == film_id, col(AuditLine.id) > act_id)
    others = col(AuditLine.action).like("film-%") & col(AuditLine.action).not_in(("film-made", "film-merged"))
    acts = session.exec(later.where(others)).all()
    undone = {one.detail["act"] for one in acts if one.action == "film-undo"}
    return undone != {one.id for one in acts if one.action != "film-undo"}
