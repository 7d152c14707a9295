"""Agents, doubts and cases, for the tests of the desk."""

from collections.abc import Sequence

from sqlmodel import Session, select

from domain.common.enums import CaseCause, TitleKind, Verdict
from domain.common.titles import build_title_key
from domain.linking.judgements import get_live_judgement, record_decision, replace_candidates
from domain.models.agent import Agent
from domain.models.entry import Entry
from domain.models.film import Film, FilmTitle
from domain.models.review_case import ReviewCase
from domain.review.queue import ReviewRequest, get_open_cases, request_review
from tests.domain.builders import (
    NOON,
    collect_run,
    make_decision,
    make_film,
    make_observation,
    make_platform,
    make_proposal,
    make_rental,
)


def make_agent(session: Session, login: str = "camille") -> Agent:
    agent = Agent(login=login, name=login.title(), password_hash="", created_at=NOON)
    session.add(agent)
    session.flush()
    return agent


def make_known_film(session: Session, film_id: int, title: str, year: int, popularity: float | None = None) -> Film:
    film = make_film(film_id, title, year)
    film.popularity = popularity
    session.add(film)
    session.flush()
    session.add(FilmTitle(film_id=film_id, title=title, kind=TitleKind.DISPLAY, key=build_title_key(title), source="films"))
    session.flush()
    return film


def make_doubtful_cases(
    session: Session, titles: Sequence[str], film_ids: Sequence[int] = (1, 2), slug: str = "cine-exemple"
) -> list[ReviewCase]:
    """A platform's titles, each doubted by the matcher between these films, and the cases they make."""
    platform = make_platform(session, slug)
    lines = [
        make_observation(str(place), title, make_rental(url=f"https://cine.example/{place}"), year=1967)
        for place, title in enumerate(titles)
    ]
    collect_run(session, platform, lines)
    for entry in session.exec(select(Entry).where(Entry.platform_id == platform.id)):
        decision = make_decision(Verdict.UNSURE, None, "matcher test", "veto : essai", 0.6, content_hash=entry.content_hash)
        record_decision(session, entry.id or 0, get_live_judgement(session, entry.id or 0), decision, NOON)
        proposals = [
            make_proposal(film_id, 0.6 / rank, "titre proche +1,0", {"title": 1.0}) for rank, film_id in enumerate(film_ids, 1)
        ]
        replace_candidates(session, entry.id or 0, proposals, "test")
        request_review(session, entry.id or 0, None, ReviewRequest(CaseCause.DOUBT, film_ids[0], 0.6, "directors"), NOON)
    session.flush()
    return sorted(get_open_cases(session).values(), key=lambda case: case.id or 0)
