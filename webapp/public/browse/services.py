"""Show the services one by one: what each is, why it is held to be legal, what it shows, and how fresh that is."""

from datetime import UTC, datetime
from typing import Any

from babel import Locale
from flask import Response, request
from sqlmodel import Session

from domain.models.platform import Platform
from webapp.core.context import open_db_session, render_page
from webapp.core.i18n import get_language
from webapp.core.memo import get_cached
from webapp.core.pagination import parse_page
from webapp.core.service_register import (
    get_absence_reason,
    get_service_or_404,
    list_predecessors,
    list_successors,
    load_register,
    load_service_state,
)
from webapp.public.browse.cards import build_cards, load_list_page
from webapp.public.browse.listed_film import ServiceLists
from webapp.public.browse.listings import make_service_finder

_MAX_MOVES = 15
_EMPTY_LISTS = ServiceLists([], [], [], [])


def list_services() -> Response:
    """List all the services of the register: those shown, then those that are not, each with the reason."""
    with open_db_session() as db:
        shown_platforms, absent_platforms = load_register(db)
    return render_page(
        "public/browse/services.html",
        datetime.now(UTC),
        shown_platforms=shown_platforms,
        absent_platforms=absent_platforms,
    )


def show_service(slug: str) -> Response:
    """Show one service, and its catalogue when the site shows it."""
    at = datetime.now(UTC)
    page = parse_page(request.args.get("page", "1"))
    with open_db_session() as db:
        platform = get_service_or_404(db, slug)
        context = _load_service(db, platform, page, at)
    return render_page("public/browse/service.html", at, **context)


def _load_service(db: Session, platform: Platform, page: int, at: datetime) -> dict[str, Any]:
    """Return the variables of a service's page."""
    reason = get_absence_reason(platform)
    lists = load_service_lists(db, platform, at) if reason is None else _EMPTY_LISTS
    return {
        "platform": platform,
        "reason": reason,
        "accesses": platform.accesses or lists.accesses,
        "country": Locale.parse(get_language()).territories[platform.country],
        "state": load_service_state(db, platform),
        "predecessors": list_predecessors(db, platform),
        "successors": list_successors(db, platform),
        "list_page": load_list_page(db, lists.catalogue, page, at),
        "arrivals": build_cards(db, lists.arrived[:_MAX_MOVES], at),
        "arrival_count": len(lists.arrived),
        "departures": build_cards(db, lists.departed[:_MAX_MOVES], at),
        "departure_count": len(lists.departed),
    }


def load_service_lists(db: Session, platform: Platform, at: datetime) -> ServiceLists:
    """Return the lists of a service that is shown."""
    assert platform.id is not None
    return get_cached(db, f"service:{platform.id}", at, make_service_finder(platform.id))
