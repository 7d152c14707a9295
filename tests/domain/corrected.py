"""Two bases, a service, and an agent who corrects films."""

from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.common.enums import Verdict
from domain.db.engine import reading, writing
from domain.films.merge import merge, preview
from domain.films.snapshot import Sheet, facts_mark, read_sheet
from domain.films.undo import last_act, undo_act
from domain.linking.judgements import Decision, decide, live_judgement
from domain.models.agent import Agent
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.judgement import Judgement
from tests.domain.builders import NOON, a_line, a_platform, collected, rent
from tests.domain.joined import NOW, by, taken
from tests.domain.review_scene import an_agent

CNC = "id,title,year,directors,visa\nc1,Mon oncle,1958,Jacques Tati,20321\nc2,Mon uncle,1959,,\nc3,Playtime,1967,Jacques Tati,\n"
WORLD = (
    "id,title,original_title,year,runtime_min,directors,imdb\n"
    "w1,My Uncle,Mon oncle,1958,117,Jacques Tati,tt0050706\nw2,Mi tio,,1959,110,,tt0000002\n"
)


def two_bases(engine: Engine, folder: Path) -> None:
    """Films 1 and 2, each with a line of a second base, are one film; film 3 is another. Entry n of a service is film n."""
    taken(engine, folder, CNC, source="cnc")
    taken(engine, folder, WORLD, by(w1=1, w2=2))
    with writing(engine) as session:
        an_agent(session)
        platform = a_platform(session)
        collected(session, platform, [a_line(str(place), f"Ligne {place}", rent()) for place in (1, 2, 3)])
        for entry in session.exec(select(Entry)):
            decide(session, entry.id or 0, None, Decision(Verdict.SAME, int(entry.ref), "matcher test", "titre exact"), NOON)


def agent(session: Session) -> Agent:
    return session.exec(select(Agent)).one()


def sheet(engine: Engine, number: int) -> Sheet:
    with reading(engine) as session:
        return read_sheet(session, session.get_one(Film, number))


def mark(session: Session, number: int) -> str:
    return facts_mark(read_sheet(session, session.get_one(Film, number)))


def merged(engine: Engine, one: int, other: int) -> int:
    """Merges a film into another; the number of the act."""
    with writing(engine) as session:
        seen = preview(session, one, other).mark
        return merge(session, one, other, agent(session), seen, "le même film deux fois", NOW).id or 0


def links(engine: Engine) -> dict[str, tuple[int | None, bool]]:
    """The film of each entry, and whether a person said so."""
    with reading(engine) as session:
        asked = select(Entry.ref, Judgement.film_id, Judgement.by_person).join(Judgement)
        rows = session.exec(asked.where(col(Judgement.superseded_at).is_(None)).order_by(col(Entry.ref)))
        return {ref: (film, person) for ref, film, person in rows}


def relink(engine: Engine, ref: str, film_id: int) -> None:
    """An agent says at the desk that an entry is another film."""
    with writing(engine) as session:
        entry = session.exec(select(Entry).where(Entry.ref == ref)).one()
        said = Decision(Verdict.SAME, film_id, "agent camille", "choisi par un agent", by_person=True)
        decide(session, entry.id or 0, live_judgement(session, entry.id or 0), said, NOW.replace(hour=14))


def undone(engine: Engine, number: int) -> None:
    """The last act on a film, taken back."""
    with writing(engine) as session:
        act = last_act(session, number)
        assert act
        undo_act(session, number, agent(session), act.id or 0, NOW.replace(hour=13))
