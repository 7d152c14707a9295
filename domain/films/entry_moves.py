"""Move platforms' entries from one film to another, as a person's word, and move them back."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from domain.common.enums import ReasonCode, Verdict
from domain.common.errors import UserError
from domain.linking.authors import Author
from domain.linking.judgements import Decision, get_live_judgement, live_judgement, record_decision, reinstate_judgement
from domain.linking.reasons import Reason
from domain.models.entry import Entry
from domain.models.judgement import Judgement
from domain.models.platform import Platform

EntryMove = tuple[int, int | None]
"""An entry's id, and the id of the judgement that was in force before, as the audit trail keeps them."""


def list_film_entries(session: Session, film_id: int) -> list[tuple[Entry, Platform]]:
    """Return the entries that are linked to the film today, with their platforms, by platform name."""
    stmt = select(Entry, Platform).join(Judgement, col(Judgement.entry_id) == col(Entry.id))
    stmt = stmt.join(Platform, col(Platform.id) == col(Entry.platform_id))
    linked = (live_judgement(), Judgement.verdict == Verdict.SAME, Judgement.film_id == film_id)
    return list(session.exec(stmt.where(*linked).order_by(col(Platform.name), col(Entry.id))))


def move_entries(
    session: Session, entries: Iterable[Entry], film_id: int, author: Author, reason_code: ReasonCode, now: datetime
) -> list[EntryMove]:
    """Decide that entries are a film, as a person's word."""
    moves: list[EntryMove] = []
    for entry in entries:
        assert entry.id is not None
        live = get_live_judgement(session, entry.id)
        reasons = [Reason(reason_code)]
        decision = Decision(Verdict.SAME, film_id, author, reasons, by_person=True, content_hash=entry.content_hash)
        record_decision(session, entry.id, live, decision, now)
        moves.append((entry.id, live.id if live else None))
    session.flush()
    return moves


def restore_entries(session: Session, moves: Iterable[EntryMove], film_id: int, reason_code: ReasonCode, now: datetime) -> None:
    """Reinstate the judgements that `move_entries` superseded. Raises UserError when one was decided otherwise since."""
    for entry_id, former_id in moves:
        live = get_live_judgement(session, entry_id)
        if live is None or (live.film_id, live.by_person, live.reason_code) != (film_id, True, reason_code):
            title = session.get_one(Entry, entry_id).title
            raise UserError(f"la ligne « {title} » a été décidée autrement depuis : rien n’est annulé")
        former = session.get(Judgement, former_id) if former_id is not None else None
        reinstate_judgement(session, live, former, now)
