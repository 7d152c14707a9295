"""List the links to check, and those that lead nowhere."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, case, literal_column, or_, select
from sqlmodel import Session, col, func

from domain.common.enums import CloseReason, Verdict
from domain.common.links import pick_allowed_url
from domain.common.paris_time import get_paris_date
from domain.linking.judgements import live_judgement
from domain.models.columns import get_id
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.link_check import LinkCheck
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.offers.availability import is_open, join_linked_offers

MAX_URL_BYTES = 2_000
"""A longer link is not checked: PostgreSQL could not index it."""
_NEVER = datetime.min.replace(tzinfo=UTC)


class BrokenLinkCounts(NamedTuple):
    """Count the links of a platform that lead nowhere: those not hidden yet, and the hidden ones."""

    waiting: int
    hidden: int


class _KnownCheck(NamedTuple):
    checked_at: datetime
    gone_days: int
    is_hidden: bool


def map_open_offers_by_link(session: Session, platform: Platform) -> dict[str, list[int]]:
    """Return the ids of the open offers of a platform, by the link that leads to each."""
    query = select(col(Offer.id), col(Offer.url), col(Entry.url)).join(Entry, col(Entry.id) == col(Offer.entry_id))
    query = query.where(col(Entry.platform_id) == platform.id, col(Offer.closed_at).is_(None))
    offers_by_link = defaultdict[str, list[int]](list)
    for offer_id, offer_url, entry_url in session.execute(query):
        link = pick_allowed_url((offer_url, entry_url), platform.hosts)
        if link is not None:
            offers_by_link[link].append(offer_id)
    return dict(offers_by_link)


def list_due_links(session: Session, platform: Platform, now: datetime, daily_limit: int) -> list[str]:
    """List the links to check now: those that led nowhere, then those never checked, then the longest unchecked.

    They are the links of offers that are shown, and the hidden ones that the platform still lists. No more than `daily_limit`
    are checked in a day.
    """
    checks = _read_checks(session, platform)
    today = get_paris_date(now)
    done = {url for url, check in checks.items() if get_paris_date(check.checked_at) == today}
    remaining = daily_limit - len(done)
    if remaining <= 0:
        return []
    links = _list_shown_links(session, platform, now) | _list_hidden_links(session, platform, checks)
    due = [url for url in links - done if len(url.encode()) <= MAX_URL_BYTES]
    return sorted(due, key=lambda url: _get_check_order(url, checks))[:remaining]


def _get_check_order(url: str, checks: Mapping[str, _KnownCheck]) -> tuple[bool, datetime, str]:
    check = checks.get(url)
    if check is None:
        return True, _NEVER, url
    return not check.gone_days, check.checked_at, url


def _read_checks(session: Session, platform: Platform) -> dict[str, _KnownCheck]:
    """Return the checks of a platform's links, by link."""
    is_hidden = col(LinkCheck.hidden_at).is_not(None)
    query: Any = select(col(LinkCheck.url), col(LinkCheck.checked_at), col(LinkCheck.gone_days), is_hidden)
    rows = session.execute(query.where(col(LinkCheck.platform_id) == platform.id))
    return {url: _KnownCheck(*values) for url, *values in rows}


def _list_shown_links(session: Session, platform: Platform, now: datetime) -> set[str]:
    """List the links of the offers that are shown."""
    query: Any = select(col(Offer.url), col(Entry.url)).distinct()
    query = join_linked_offers(query).where(col(Platform.id) == platform.id, is_open(now))
    return _resolve_links(session.execute(query), platform.hosts)


def _list_hidden_links(session: Session, platform: Platform, checks: Mapping[str, _KnownCheck]) -> set[str]:
    """List the hidden links whose offers were closed because of them, of entries that the platform still lists."""
    query = select(col(Offer.url), col(Entry.url)).join(Entry, col(Entry.id) == col(Offer.entry_id)).distinct()
    query = query.where(col(Entry.platform_id) == platform.id, col(Entry.last_run_id) == platform.current_run_id)
    broken = session.execute(query.where(col(Offer.closed_why) == CloseReason.BROKEN_LINK))
    links = _resolve_links(broken, platform.hosts)
    return {url for url in links if url in checks and checks[url].is_hidden}


def _resolve_links(rows: Iterable[Any], hosts: Collection[str]) -> set[str]:
    """Return the link that is shown for each row of an offer's address and its entry's."""
    links = {pick_allowed_url((offer_url, entry_url), hosts) for offer_url, entry_url in rows}
    return {link for link in links if link is not None}


def is_broken_link() -> ColumnElement[bool]:
    """Return the SQL condition that a link led nowhere when it last answered."""
    return col(LinkCheck.gone_days) > literal_column("0")  # not a parameter, or the index of broken links would not serve


def count_broken_links(session: Session) -> dict[int, BrokenLinkCounts]:
    """Count the links that lead nowhere by platform id; platforms without any are left out."""
    hidden_count = func.sum(case((col(LinkCheck.hidden_at).is_not(None), 1), else_=0))
    query = select(col(LinkCheck.platform_id), func.count(), hidden_count).where(is_broken_link())
    rows = session.execute(query.group_by(col(LinkCheck.platform_id)))
    return {platform_id: BrokenLinkCounts(total - hidden, hidden) for platform_id, total, hidden in rows}


def list_broken_links(session: Session, slug: str, start: int, limit: int) -> list[tuple[LinkCheck, Platform]]:
    """List the links that lead nowhere, of a platform or of all (""), the longest gone first."""
    query = select(LinkCheck, Platform).join(Platform, col(Platform.id) == col(LinkCheck.platform_id)).where(is_broken_link())
    if slug:
        query = query.where(col(Platform.slug) == slug)
    order = (col(LinkCheck.hidden_at).is_(None), col(LinkCheck.gone_days).desc(), col(LinkCheck.id))
    return [(check, platform) for check, platform in session.execute(query.order_by(*order).offset(start).limit(limit))]


def map_films_by_check(session: Session, checks: Sequence[LinkCheck]) -> dict[int, list[Film]]:
    """Return the films that checked links led to, by id of the check, sorted by title."""
    film_ids_by_link = _map_film_ids_by_link(session, checks)
    film_ids = set().union(*film_ids_by_link.values())
    films = list(session.scalars(select(Film).where(col(Film.id).in_(film_ids)).order_by(col(Film.title), col(Film.id))))
    films_by_check = {}
    for check in checks:
        own_ids = film_ids_by_link[check.platform_id, check.url]
        films_by_check[get_id(check)] = [film for film in films if film.id in own_ids]
    return films_by_check


def _map_film_ids_by_link(session: Session, checks: Sequence[LinkCheck]) -> defaultdict[tuple[int, str], set[int]]:
    """Return the ids of the films linked to offers under checked links, by platform id and link."""
    urls = {check.url for check in checks}
    platform_ids = {check.platform_id for check in checks}
    query: Any = select(col(Entry.platform_id), col(Offer.url), col(Entry.url), col(Judgement.film_id)).select_from(Offer)
    query = query.join(Entry, col(Entry.id) == col(Offer.entry_id)).join(Judgement, col(Judgement.entry_id) == col(Entry.id))
    query = query.where(live_judgement(), col(Judgement.verdict) == Verdict.SAME).distinct()
    query = query.where(col(Entry.platform_id).in_(platform_ids), or_(col(Offer.url).in_(urls), col(Entry.url).in_(urls)))
    film_ids = defaultdict[tuple[int, str], set[int]](set)
    for platform_id, offer_url, entry_url, film_id in session.execute(query):
        film_ids[platform_id, offer_url if offer_url in urls else entry_url].add(film_id)
    return film_ids
