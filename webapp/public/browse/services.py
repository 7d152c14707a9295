"""The services, one by one: what each is, by what right it stands here, what it shows, how fresh that is."""

from datetime import UTC, datetime

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
from webapp.public.browse.listings import ServiceLists, make_service_finder

MAX_MOVES = 15
EMPTY_LISTS = ServiceLists([], [], [], [])


def list_services() -> Response:
    """All the services of the register: those shown, then those that are not, each with the reason."""
    with open_db_session() as db:
        shown, absent = load_register(db)
    return render_page("public/browse/services.html", datetime.now(UTC), shown=shown, absent=absent)


def show_service(slug: str) -> Response:
    """One service; its catalogue when it is shown."""
    at, number = datetime.now(UTC), parse_page(request.args.get("page", "1"))
    with open_db_session() as db:
        platform = get_service_or_404(db, slug)
        reason = get_absence_reason(platform)
        found = load_service_lists(db, platform, at) if reason is None else EMPTY_LISTS
        facts = {
            "platform": platform,
            "reason": reason,
            "accesses": platform.accesses or found.accesses,
            "country": Locale.parse(get_language()).territories[platform.country],
            "state": load_service_state(db, platform),
            "before": list_predecessors(db, platform),
            "after": list_successors(db, platform),
            "shelf": load_list_page(db, found.catalogue, number, at),
            "entries": build_cards(db, found.arrived[:MAX_MOVES], at),
            "exits": build_cards(db, found.departed[:MAX_MOVES], at),
            "moves": (len(found.arrived), len(found.departed)),
        }
    return render_page("public/browse/service.html", at, **facts)


def load_service_lists(db: Session, platform: Platform, at: datetime) -> ServiceLists:
    """The lists of a service that is shown."""
    assert platform.id is not None
    return get_cached(db, f"service:{platform.id}", at, make_service_finder(platform.id))
