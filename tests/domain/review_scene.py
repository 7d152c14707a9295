"""Agents, doubts and cases, for the tests of the desk."""

from collections.abc import Sequence

from sqlmodel import Session, select

from domain.common.enums import CaseCause, TitleKind, Verdict
from domain.common.titles import title_key
from domain.linking.judgements import Decision, Proposal, decide, live_judgement, propose
from domain.models.agent import Agent
from domain.models.entry import Entry
from domain.models.film import Film, FilmTitle
from domain.models.review_case import ReviewCase
from domain.review.queue import Question, ask, open_cases
from tests.domain.builders import NOON, a_film, a_line, a_platform, collected, rent


def an_agent(session: Session, login: str = "camille") -> Agent:
    agent = Agent(login=login, name=login.title(), password_hash="", created=NOON)
    session.add(agent)
    session.flush()
    return agent


def a_known_film(session: Session, number: int, title: str, year: int, popularity: float | None = None) -> Film:
    film = a_film(number, title, year)
    film.popularity = popularity
    session.add(film)
    session.flush()
    session.add(FilmTitle(film_id=number, title=title, kind=TitleKind.DISPLAY, key=title_key(title), source="films"))
    session.flush()
    return film


def doubtful(
    session: Session, titles: Sequence[str], film_ids: Sequence[int] = (1, 2), slug: str = "cine-exemple"
) -> list[ReviewCase]:
    """A platform's titles, each doubted by the matcher between these films, and the cases they make."""
    platform = a_platform(session, slug)
    lines = [
        a_line(str(place), title, rent(url=f"https://cine.example/{place}"), year=1967) for place, title in enumerate(titles)
    ]
    collected(session, platform, lines)
    for entry in session.exec(select(Entry).where(Entry.platform_id == platform.id)):
        decision = Decision(Verdict.UNSURE, None, "matcher test", "veto : essai", 0.6, content_hash=entry.content_hash)
        decide(session, entry.id or 0, live_judgement(session, entry.id or 0), decision, NOON)
        proposals = [
            Proposal(film_id, 0.6 / rank, "titre proche +1,0", {"title": 1.0}) for rank, film_id in enumerate(film_ids, 1)
        ]
        propose(session, entry.id or 0, proposals, "test")
        ask(session, entry.id or 0, None, Question(CaseCause.DOUBT, film_ids[0], 0.6, "directors"), NOON)
    session.flush()
    return sorted(open_cases(session).values(), key=lambda case: case.id or 0)
