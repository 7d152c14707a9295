"""The services, one by one: what each is, by what right it stands here, what it shows, how fresh that is."""

from datetime import UTC, datetime

from babel import Locale
from flask import Response, abort, request
from sqlmodel import Session, select

from domain.models.platform import Platform
from webapp.core.context import page, session
from webapp.core.i18n import language
from webapp.core.memo import kept, pages
from webapp.core.pagination import read_page
from webapp.core.service_register import predecessors, read_register, read_state, successors, why_absent
from webapp.public.browse.cards import cards_of, read_shelf
from webapp.public.browse.listings import ServiceLists, of_service

MOVES = 15
NOTHING = ServiceLists([], [], [], [])


@pages.get("/services")
def services() -> Response:
    """All the services of the register: those shown, then those that are not, each with the reason."""
    with session() as db:
        shown, absent = read_register(db)
    return page("public/browse/services.html", datetime.now(UTC), shown=shown, absent=absent)


@pages.get("/services/<slug>")
def service(slug: str) -> Response:
    """One service; its catalogue when it is shown."""
    at, number = datetime.now(UTC), read_page(request.args.get("page", "1"))
    with session() as db:
        platform = find_service(db, slug)
        reason = why_absent(platform)
        found = lists_of(db, platform, at) if reason is None else NOTHING
        facts = {
            "platform": platform,
            "reason": reason,
            "accesses": platform.accesses or found.accesses,
            "country": Locale.parse(language()).territories[platform.country],
            "state": read_state(db, platform),
            "before": predecessors(db, platform),
            "after": successors(db, platform),
            "shelf": read_shelf(db, found.catalogue, number, at),
            "entries": cards_of(db, found.entries[:MOVES], at),
            "exits": cards_of(db, found.exits[:MOVES], at),
            "moves": (len(found.entries), len(found.exits)),
        }
    return page("public/browse/service.html", at, **facts)


def find_service(db: Session, slug: str) -> Platform:
    """The service of that slug; not found when the register has none."""
    readable = slug.isascii() and slug.isprintable()
    platform = db.exec(select(Platform).where(Platform.slug == slug)).first() if readable else None
    if platform is None:
        abort(404)
    return platform


def lists_of(db: Session, platform: Platform, at: datetime) -> ServiceLists:
    """The lists of a service that is shown."""
    assert platform.id is not None
    return kept(db, f"service:{platform.id}", at, of_service(platform.id))
