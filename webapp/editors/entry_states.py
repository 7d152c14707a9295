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
from domain.linking.judgements import live_judgement
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.runs.close_reasons import format_close_reason
from matcher.explanations import explain_decision
from webapp.core.context import format_iso
from webapp.editors.problems import DeliveryRefusedError

STATES: dict[str, Verdict | None] = {
    "linked": Verdict.SAME,
    "doubtful": Verdict.UNSURE,
    "unknown": Verdict.NONE,
    "waiting": None,
}
_STATE_BY_VERDICT = {verdict: state for state, verdict in STATES.items()}


@dataclass(frozen=True)
class PageRequest:
    """A page of lines: those after a title, in one state or in any."""

    after: str | None
    state: str | None
    limit: int


def read_page(
    session: Session, platform: Platform, page_request: PageRequest, at: datetime
) -> tuple[list[dict[str, Any]], str | None]:
    """The lines of a page, oldest first, and the title that the next page comes after (None on the last).

    Raises DeliveryRefused when `after` is none of the editor's titles.
    """
    live = (col(Judgement.entry_id) == col(Entry.id)) & live_judgement()
    query = (
        select(Entry, Judgement, Film)
        .join(Judgement, live, isouter=True)
        .join(Film, col(Judgement.film_id) == col(Film.id), isouter=True)
        .where(col(Entry.platform_id) == platform.id)
        .order_by(col(Entry.id))
    )
    if page_request.after is not None:
        query = query.where(col(Entry.id) > _find_entry_id(session, platform, page_request.after))
    if page_request.state is not None:
        query = query.where(_build_state_filter(STATES[page_request.state]))
    rows = session.exec(query.limit(page_request.limit + 1)).all()
    shown = rows[: page_request.limit]
    offers = _load_offers(session, [entry.id or 0 for entry, _, _ in shown])
    lines = [_build_line(platform, entry, judgement, film, offers[entry.id or 0], at) for entry, judgement, film in shown]
    return lines, shown[-1][0].ref if len(rows) > page_request.limit else None


def _build_state_filter(verdict: Verdict | None) -> ColumnElement[bool]:
    return col(Judgement.id).is_(None) if verdict is None else col(Judgement.verdict) == verdict


def _find_entry_id(session: Session, platform: Platform, ref: str) -> int:
    found = session.exec(select(Entry.id).where(col(Entry.platform_id) == platform.id, col(Entry.ref) == ref)).first()
    if found is None:
        raise DeliveryRefusedError("parametre", "« after » : aucun de vos titres n’a ce numéro.")
    return found


def _load_offers(session: Session, entry_ids: Iterable[int]) -> defaultdict[int, list[Offer]]:
    """The last period of each offer, by entry."""
    last: dict[tuple[int, str], Offer] = {}
    for offer in session.exec(select(Offer).where(col(Offer.entry_id).in_(entry_ids)).order_by(col(Offer.id))):
        last[offer.entry_id, offer.identity] = offer
    by_entry: defaultdict[int, list[Offer]] = defaultdict(list)
    for offer in last.values():
        by_entry[offer.entry_id].append(offer)
    return by_entry


def _build_line(
    platform: Platform, entry: Entry, judgement: Judgement | None, film: Film | None, offers: list[Offer], at: datetime
) -> dict[str, Any]:
    return {
        "idTitleEditor": entry.ref,
        "frTitle": entry.title,
        "originalTitle": entry.original_title,
        "productionYear": entry.year,
        "in_catalogue": entry.last_run_id == platform.current_run_id,
        "state": _STATE_BY_VERDICT[judgement.verdict if judgement else None],
        "reason": explain_decision(judgement) if judgement else "pas encore rapproché",
        "decided_at": format_iso(judgement.decided_at) if judgement else None,
        "film": _build_film(film),
        "offers": [_build_offer(offer, at) for offer in offers],
    }


def _build_film(film: Film | None) -> dict[str, Any] | None:
    if film is None:
        return None
    page = url_for("films.show_film", film_id=film.id, slug=film.slug, _external=True)
    return {"id": film.id, "title": film.title, "year": film.year, "page": page}


def _build_offer(offer: Offer, at: datetime) -> dict[str, Any]:
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
        "starts": format_iso(offer.starts),
        "ends": format_iso(offer.ends),
        "open": offer.closed_at is None and started and not ended,
        "first_seen": format_iso(offer.first_seen),
        "last_seen": format_iso(offer.last_seen),
        "closed_at": format_iso(offer.closed_at),
        "closed_why": format_close_reason(offer.closed_why),
    }
