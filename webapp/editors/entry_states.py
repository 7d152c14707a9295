"""What became of each line of an editor's catalogue: the film it was linked to, or why none, and its offers."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from domain.common.enums import Verdict
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.platform import Platform
from webapp.core.context import iso
from webapp.editors.problems import DeliveryRefused

STATES: dict[str, Verdict | None] = {
    "linked": Verdict.SAME,
    "doubtful": Verdict.UNSURE,
    "unknown": Verdict.NONE,
    "waiting": None,
}
_WORDS = {verdict: state for state, verdict in STATES.items()}


@dataclass(frozen=True)
class Asked:
    """A page of lines: those after a title, in one state or in any."""

    after: str | None
    state: str | None
    limit: int


def read_page(session: Session, platform: Platform, asked: Asked, at: datetime) -> tuple[list[dict[str, Any]], str | None]:
    """The lines of a page, oldest first, and the title that the next page comes after (None on the last).

    Raises DeliveryRefused when `after` is none of the editor's titles.
    """
    live = (col(Judgement.entry_id) == col(Entry.id)) & col(Judgement.superseded_at).is_(None)
    query = (
        select(Entry, Judgement, Film)
        .join(Judgement, live, isouter=True)
        .join(Film, col(Judgement.film_id) == col(Film.id), isouter=True)
        .where(col(Entry.platform_id) == platform.id)
        .order_by(col(Entry.id))
    )
    if asked.after is not None:
        query = query.where(col(Entry.id) > _position(session, platform, asked.after))
    if asked.state is not None:
        query = query.where(_in_state(STATES[asked.state]))
    rows = session.exec(query.limit(asked.limit + 1)).all()
    shown = rows[: asked.limit]
    offers = _offers(session, [entry.id or 0 for entry, _, _ in shown])
    lines = [_line(platform, entry, judgement, film, offers[entry.id or 0], at) for entry, judgement, film in shown]
    return lines, shown[-1][0].ref if len(rows) > asked.limit else None


def _in_state(verdict: Verdict | None) -> ColumnElement[bool]:
    return col(Judgement.id).is_(None) if verdict is None else col(Judgement.verdict) == verdict


def _position(session: Session, platform: Platform, ref: str) -> int:
    found = session.exec(select(Entry.id).where(col(Entry.platform_id) == platform.id, col(Entry.ref) == ref)).first()
    if found is None:
        raise DeliveryRefused("parametre", "« after » : aucun de vos titres n’a ce numéro.")
    return found


def _offers(session: Session, entry_ids: Iterable[int]) -> defaultdict[int, list[Offer]]:
    """The last period of each offer, by entry."""
    last: dict[tuple[int, str], Offer] = {}
    for offer in session.exec(select(Offer).where(col(Offer.entry_id).in_(entry_ids)).order_by(col(Offer.id))):
        last[offer.entry_id, offer.identity] = offer
    by_entry: defaultdict[int, list[Offer]] = defaultdict(list)
    for offer in last.values():
        by_entry[offer.entry_id].append(offer)
    return by_entry


def _line(
    platform: Platform, entry: Entry, judgement: Judgement | None, film: Film | None, offers: list[Offer], at: datetime
) -> dict[str, Any]:
    return {
        "idTitleEditor": entry.ref,
        "frTitle": entry.title,
        "originalTitle": entry.original_title,
        "productionYear": entry.year,
        "in_catalogue": entry.last_run_id == platform.current_run_id,
        "state": _WORDS[judgement.verdict if judgement else None],
        "reason": judgement.reason if judgement else "pas encore rapproché",
        "decided_at": iso(judgement.decided_at) if judgement else None,
        "film": _film(film),
        "offers": [_offer(offer, at) for offer in offers],
    }


def _film(film: Film | None) -> dict[str, Any] | None:
    if film is None:
        return None
    page = url_for("films.film", film_id=film.id, slug=film.slug, _external=True)
    return {"id": film.id, "title": film.title, "year": film.year, "page": page}


def _offer(offer: Offer, at: datetime) -> dict[str, Any]:
    started, ended = offer.starts is None or offer.starts <= at, offer.ends is not None and offer.ends <= at
    return {
        "access": offer.access,
        "quality": offer.quality,
        "languages": offer.languages,
        "audio_description": offer.audio_description,
        "sdh": offer.sdh,
        "edition": offer.edition,
        "price_cents": offer.price_cents,
        "currency": offer.currency,
        "url": offer.url,
        "starts": iso(offer.starts),
        "ends": iso(offer.ends),
        "open": offer.closed_at is None and started and not ended,
        "first_seen": iso(offer.first_seen),
        "last_seen": iso(offer.last_seen),
        "closed_at": iso(offer.closed_at),
        "closed_why": offer.closed_why,
    }
