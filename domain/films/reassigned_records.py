"""The lines of bases that follow a film when it is merged into another, and come back with it."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from domain.common.enums import LineState, TitleKind
from domain.films.formats import FilmLine
from domain.films.overrides import EDITABLE
from domain.films.source_records import line_digest, line_payload
from domain.models.film import BaseLine, Film, FilmIdentifier, FilmTitle


@dataclass(frozen=True)
class Former:
    """A line as it was before it followed a film; left aside, of no film, for one that had no row."""

    id: int
    state: str = LineState.ASIDE
    film_id: int | None = None
    by_person: bool = False
    who: str = ""
    reason: str = ""

    def told(self) -> dict[str, Any]:
        """As the trail keeps it."""
        return asdict(self)


def former_of(line: BaseLine) -> Former:
    """A line as it is now."""
    return Former(line.id or 0, line.state, line.film_id, line.by_person, line.who, line.reason)


def hand_over(session: Session, film_id: int, other_id: int, who: str, now: datetime) -> list[Former]:
    """Links to another film the lines that were linked to one, as a person's word."""
    asked = select(BaseLine).where(BaseLine.film_id == film_id, BaseLine.state == LineState.LINKED).order_by(col(BaseLine.id))
    lines = session.exec(asked.with_for_update()).all()
    formers = [former_of(line) for line in lines]
    for line in lines:
        link_line(line, other_id, who, now)
    session.flush()
    return formers


def link_line(line: BaseLine, film_id: int, who: str, now: datetime) -> None:
    """Says, as a person's word, that a line is a film."""
    line.state, line.film_id, line.by_person, line.decided_at = LineState.LINKED, film_id, True, now
    line.who, line.reason = who, "fiches réunies"


def read_line(session: Session, film: Film) -> FilmLine:
    """What a film's own base says of it, as a line; a fact that a person set is told as the base told it."""
    facts = {fact: film.edited.get(fact, getattr(film, fact)) for fact in (*EDITABLE, "popularity")}
    facts |= {fact: [] if isinstance(facts[fact], list) else None for fact in film.gained}
    ours = (film.source, "")
    titles = select(FilmTitle).where(FilmTitle.film_id == film.id, col(FilmTitle.source).in_(ours)).order_by(col(FilmTitle.id))
    others: Sequence[FilmTitle] = session.exec(titles).all()
    french = next((title.title for title in others if title.kind is TitleKind.ALTERNATIVE and title.language == "fr"), None)
    told = {facts["title"], facts["original_title"], french}
    numbers = select(FilmIdentifier.scheme, FilmIdentifier.value)
    held = session.exec(numbers.where(FilmIdentifier.film_id == film.id, col(FilmIdentifier.source).in_(ours)))
    facts |= {
        "source_ref": film.source_ref,
        "french_title": french,
        "identifiers": dict(held.all()),
    }
    facts["other_titles"] = [title.title for title in others if title.title not in told]
    return FilmLine.model_validate({"line": 0, **facts})


def put_line(session: Session, film: Film, line: FilmLine, other_id: int, who: str, now: datetime) -> Former:
    """Makes the film's own line one of another film; what it was before."""
    same = select(BaseLine).where(BaseLine.source == film.source, BaseLine.source_ref == film.source_ref)
    kept = session.exec(same.with_for_update()).first()
    payload = line_payload(line)
    told: dict[str, Any] = {"payload": payload, "content_hash": line_digest(payload)}
    if kept is None:
        kept = BaseLine(source=film.source, source_ref=film.source_ref, **told, state=LineState.LINKED, who=who, decided_at=now)
        former = None
    else:
        former = former_of(kept)
        kept.sqlmodel_update(told)
    link_line(kept, other_id, who, now)
    session.add(kept)
    session.flush()
    return former or Former(kept.id or 0)


def take_back(session: Session, formers: Iterable[Former], own: Former) -> BaseLine:
    """Puts lines back as they were; the film's own line, which is left aside where there was none."""
    for former in (*formers, own):
        _put_back(session.get_one(BaseLine, former.id), former)
    session.flush()
    return session.get_one(BaseLine, own.id)


def _put_back(line: BaseLine, former: Former) -> None:
    line.state, line.film_id, line.by_person = LineState(former.state), former.film_id, former.by_person
    line.who, line.reason = former.who, former.reason
