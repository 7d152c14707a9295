"""Two bases, a service, and an agent who corrects films."""

from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.common.enums import Verdict
from domain.db.engine import read_session, write_session
from domain.films.merge import merge_film, preview_merge
from domain.films.snapshot import FilmSnapshot, compute_facts_etag, take_film_snapshot
from domain.films.undo import get_last_correction, undo_correction
from domain.linking.judgements import get_live_judgement, record_decision
from domain.models.agent import Agent
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.judgement import Judgement
from tests.domain.builders import NOON, collect_run, make_decision, make_observation, make_platform, make_rental
from tests.domain.joined import NOW, import_text, link_by_ref
from tests.domain.review_scene import make_agent

CNC_CSV = (
    "id,title,year,directors,visa\nc1,Mon oncle,1958,Jacques Tati,20321\nc2,Mon uncle,1959,,\nc3,Playtime,1967,Jacques Tati,\n"
)
WORLD_CSV = (
    "id,title,original_title,year,runtime_min,directors,imdb\n"
    "w1,My Uncle,Mon oncle,1958,117,Jacques Tati,tt0050706\nw2,Mi tio,,1959,110,,tt0000002\n"
)


def import_two_sources(engine: Engine, folder: Path) -> None:
    """Films 1 and 2, each with a line of a second base, are one film; film 3 is another. Entry n of a service is film n."""
    import_text(engine, folder, CNC_CSV, source="cnc")
    import_text(engine, folder, WORLD_CSV, link_by_ref(w1=1, w2=2))
    with write_session(engine) as session:
        make_agent(session)
        platform = make_platform(session)
        collect_run(session, platform, [make_observation(str(place), f"Ligne {place}", make_rental()) for place in (1, 2, 3)])
        for entry in session.exec(select(Entry)):
            record_decision(
                session, entry.id or 0, None, make_decision(Verdict.SAME, int(entry.ref), "matcher test", "titre exact"), NOON
            )


def get_agent(session: Session) -> Agent:
    return session.exec(select(Agent)).one()


def read_film_sheet(engine: Engine, film_id: int) -> FilmSnapshot:
    with read_session(engine) as session:
        return take_film_snapshot(session, session.get_one(Film, film_id))


def get_facts_version(session: Session, film_id: int) -> str:
    return compute_facts_etag(take_film_snapshot(session, session.get_one(Film, film_id)))


def merge_films(engine: Engine, merged_id: int, survivor_id: int) -> int:
    """Merges a film into another; the number of the act."""
    with write_session(engine) as session:
        seen = preview_merge(session, merged_id, survivor_id).version
        return merge_film(session, merged_id, survivor_id, get_agent(session), seen, "le même film deux fois", NOW).id or 0


def list_links(engine: Engine) -> dict[str, tuple[int | None, bool]]:
    """The film of each entry, and whether a person said so."""
    with read_session(engine) as session:
        stmt = select(Entry.ref, Judgement.film_id, Judgement.by_person).join(Judgement)
        rows = session.exec(stmt.where(col(Judgement.superseded_at).is_(None)).order_by(col(Entry.ref)))
        return {ref: (film, person) for ref, film, person in rows}


def relink_entry(engine: Engine, ref: str, film_id: int) -> None:
    """An agent says at the desk that an entry is another film."""
    with write_session(engine) as session:
        entry = session.exec(select(Entry).where(Entry.ref == ref)).one()
        decision = make_decision(Verdict.SAME, film_id, "agent camille", "choisi par un agent", by_person=True)
        record_decision(session, entry.id or 0, get_live_judgement(session, entry.id or 0), decision, NOW.replace(hour=14))


def undo_last_act(engine: Engine, film_id: int) -> None:
    """The last act on a film, taken back."""
    with write_session(engine) as session:
        act = get_last_correction(session, film_id)
        assert act
        undo_correction(session, film_id, get_agent(session), act.id or 0, NOW.replace(hour=13))
