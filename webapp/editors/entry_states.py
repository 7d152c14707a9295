"""Tell an editor what became of each title: the film it is linked to, or why none, and its offers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
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
_Row = tuple[Entry, Judgement, Film]
"""An entry with its live judgement and its film, which an outer join may leave None."""
_STATE_BY_VERDICT = {verdict: state for state, verdict in STATES.items()}


@dataclass(frozen=True)
class PageRequest:
    """Store which titles a page asks for: those after one, in one state or in any, `limit` at most."""

    after: str | None
    state: str | None
    limit: int


def read_page(
    session: Session, platform: Platform, page_request: PageRequest, at: datetime
) -> tuple[list[dict[str, Any]], str | None]:
    """Return the titles of a page, oldest first, and the one that the next page comes after (None on the last page).

    Raises DeliveryRefusedError when `after` is none of the editor's titles.
    """
    rows = _load_rows(session, platform, page_request)
    page_rows = rows[: page_request.limit]
    offers = _load_offers(session, [entry.id for entry, _, _ in page_rows])
    titles = []
    for entry, judgement, film in page_rows:
        is_in_catalogue = entry.last_run_id == platform.current_run_id
        titles.append(
            {
                **_build_entry(entry, is_in_catalogue=is_in_catalogue),
                **_build_decision(judgement),
                "film": _build_film(film),
                "offers": [_build_offer(offer, at) for offer in offers[entry.id]],
            }
        )
    if len(rows) <= page_request.limit:
        return titles, None
    last_entry = page_rows[-1][0]
    return titles, last_entry.ref


def _load_rows(session: Session, platform: Platform, page_request: PageRequest) -> Sequence[_Row]:
    """Return the rows of a page, and one more when another page follows."""
    is_decision = (col(Judgement.entry_id) == col(Entry.id)) & live_judgement()
    stmt = (
        select(Entry, Judgement, Film)
        .join(Judgement, is_decision, isouter=True)
        .join(Film, col(Judgement.film_id) == col(Film.id), isouter=True)
        .where(col(Entry.platform_id) == platform.id)
        .order_by(col(Entry.id))
        .limit(page_request.limit + 1)
    )
    if page_request.after is not None:
        stmt = stmt.where(col(Entry.id) > _find_entry_id(session, platform, page_request.after))
    if page_request.state is not None:
        stmt = stmt.where(_build_state_filter(STATES[page_request.state]))
    return session.exec(stmt).all()


def _build_state_filter(verdict: Verdict | None) -> ColumnElement[bool]:
    return col(Judgement.id).is_(None) if verdict is None else col(Judgement.verdict) == verdict


def _find_entry_id(session: Session, platform: Platform, ref: str) -> int:
    stmt = select(Entry.id).where(col(Entry.platform_id) == platform.id, col(Entry.ref) == ref)
    entry_id = session.exec(stmt).first()
    if entry_id is None:
        raise DeliveryRefusedError("parametre", "« after » : aucun de vos titres n’a ce numéro.")
    return entry_id


def _load_offers(session: Session, entry_ids: Iterable[int | None]) -> Mapping[int | None, list[Offer]]:
    """Return the last period of each offer, by entry."""
    stmt = select(Offer).where(col(Offer.entry_id).in_(entry_ids)).order_by(col(Offer.id))
    last_periods = {(offer.entry_id, offer.identity): offer for offer in session.exec(stmt)}
    offers: defaultdict[int | None, list[Offer]] = defaultdict(list)
    for offer in last_periods.values():
        offers[offer.entry_id].append(offer)
    return offers


def _build_entry(entry: Entry, *, is_in_catalogue: bool) -> dict[str, Any]:
    return {
        "idTitleEditor": entry.ref,
        "frTitle": entry.title,
        "originalTitle": entry.original_title,
        "productionYear": entry.year,
        "in_catalogue": is_in_catalogue,
    }


def _build_decision(judgement: Judgement | None) -> dict[str, Any]:
    if judgement is None:
        return {"state": _STATE_BY_VERDICT[None], "reason": "pas encore rapproché", "decided_at": None}
    return {
        "state": _STATE_BY_VERDICT[judgement.verdict],
        "reason": explain_decision(judgement),
        "decided_at": format_iso(judgement.decided_at),
    }


def _build_film(film: Film | None) -> dict[str, Any] | None:
    if film is None:
        return None
    page = url_for("films.show_film", film_id=film.id, slug=film.slug, _external=True)
    return {"id": film.id, "title": film.title, "year": film.year, "page": page}


def _build_offer(offer: Offer, at: datetime) -> dict[str, Any]:
    has_started = offer.starts is None or offer.starts <= at
    has_ended = offer.ends is not None and offer.ends <= at
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
        "open": offer.closed_at is None and has_started and not has_ended,
        "first_seen": format_iso(offer.first_seen),
        "last_seen": format_iso(offer.last_seen),
        "closed_at": format_iso(offer.closed_at),
        "closed_why": format_close_reason(offer.closed_why),
    }
