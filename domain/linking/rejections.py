"""Learn from a person's decision: a title of the film, and films never to be proposed again for the entry."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from domain.common.enums import TitleKind
from domain.common.titles import build_title_key, split_title
from domain.linking.provenance import Provenance
from domain.models.agent import Agent
from domain.models.entry import Entry
from domain.models.film import FilmTitle
from domain.models.platform import Platform
from domain.models.review_case import Rejection


def learn_title(session: Session, entry: Entry, film_id: int, agent: Agent) -> FilmTitle | None:
    """Add the title that a platform gives to the film's, and return it; None when the film has it already."""
    title = split_title(entry.title).title
    key = build_title_key(title)
    same_title = session.exec(select(FilmTitle.id).where(FilmTitle.film_id == film_id, FilmTitle.key == key)).first()
    if same_title is not None or not key:
        return None
    platform = session.get_one(Platform, entry.platform_id)
    provenance = Provenance.by_platform(platform.slug, agent)
    learned = FilmTitle(film_id=film_id, title=title, kind=TitleKind.ALTERNATIVE, key=key, **provenance.to_columns())
    session.add(learned)
    session.flush()
    return learned


def reject_films(session: Session, entry_id: int, film_ids: Iterable[int], case_id: int | None, now: datetime) -> list[int]:
    """Record that an entry is none of these films, and return the ids of those that were not rejected before."""
    rejected = set(session.exec(select(Rejection.film_id).where(Rejection.entry_id == entry_id)))
    new = [film_id for film_id in dict.fromkeys(film_ids) if film_id not in rejected]
    session.add_all(Rejection(entry_id=entry_id, film_id=film_id, case_id=case_id, rejected_at=now) for film_id in new)
    return new


def remove_rejection(session: Session, entry_id: int, film_id: int) -> bool:
    """Let a film be proposed again for an entry that a person now says it is; tell if it had been rejected."""
    rejection = session.exec(select(Rejection).where(Rejection.entry_id == entry_id, Rejection.film_id == film_id)).first()
    if rejection is not None:
        session.delete(rejection)
    return rejection is not None


def delete_rejections(session: Session, case_id: int) -> None:
    """Delete the rejections made on a case."""
    session.exec(delete(Rejection).where(col(Rejection.case_id) == case_id))


def get_rejected_films(session: Session) -> dict[int, set[int]]:
    """Return the ids of the films that persons said each entry is not, by entry id."""
    film_ids: defaultdict[int, set[int]] = defaultdict(set)
    for entry_id, film_id in session.exec(select(Rejection.entry_id, Rejection.film_id)):
        film_ids[entry_id].add(film_id)
    return dict(film_ids)
