"""Which links are to be checked, and those that lead nowhere, as agents look at them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, case, literal_column, or_, select
from sqlmodel import Session, col, func

from domain.common.enums import CloseReason, Verdict
from domain.common.links import pick_allowed_url
from domain.common.paris_time import get_paris_date
from domain.linking.judgements import live_judgement
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.link_check import LinkCheck
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.offers.availability import is_open, join_linked_offers

MAX_URL_BYTES = 2_000
"""Bytes: a longer link is not checked (PostgreSQL could not index it)."""
_NEVER = datetime.min.replace(tzinfo=UTC)


class BrokenLinkCounts(NamedTuple):
    """Links of a service that lead nowhere: those that are waited for, and those that are hidden."""

    waiting: int
    hidden: int


class _KnownCheck(NamedTuple):
    checked_at: datetime
    gone_days: int
    is_hidden: bool


def map_open_offers_by_link(session: Session, platform: Platform) -> dict[str, list[int]]:
    """The open offers of a service, by the link that leads to each."""
    asked = select(col(Offer.id), col(Offer.url), col(Entry.url)).join(Entry, col(Entry.id) == col(Offer.entry_id))
    asked = asked.where(col(Entry.platform_id) == platform.id, col(Offer.closed_at).is_(None))
    found = defaultdict[str, list[int]](list)
    for number, *addresses in session.execute(asked):
        if link := pick_allowed_url((addresses[0], addresses[1]), platform.hosts):
            found[link].append(number)
    return dict(found)


def list_due_links(session: Session, platform: Platform, now: datetime, daily_limit: int) -> list[str]:
    """The links to check now, `most` in a day: those that led nowhere first, then those never checked, then the oldest.

    They are those of the offers that are shown, and the hidden ones that the service still lists.
    """
    known = _load_known_checks(session, platform)
    today = get_paris_date(now)
    done = {url for url, one in known.items() if get_paris_date(one.checked_at) == today}
    if len(done) >= daily_limit:
        return []
    links = _list_shown_links(session, platform, now) | {
        url for url in _list_broken_links(session, platform) if url in known and known[url].is_hidden
    }
    fit = (url for url in links - done if len(url.encode()) <= MAX_URL_BYTES)

    def wait(url: str) -> tuple[bool, datetime, str]:
        one = known.get(url)
        return (one is None or not one.gone_days, one.checked_at if one else _NEVER, url)

    return sorted(fit, key=wait)[: daily_limit - len(done)]


def _load_known_checks(session: Session, platform: Platform) -> dict[str, _KnownCheck]:
    asked: Any = select(
        col(LinkCheck.url), col(LinkCheck.checked_at), col(LinkCheck.gone_days), col(LinkCheck.hidden_at).is_not(None)
    )
    rows = session.execute(asked.where(col(LinkCheck.platform_id) == platform.id))
    return {url: _KnownCheck(*facts) for url, *facts in rows}


def _list_shown_links(session: Session, platform: Platform, now: datetime) -> set[str]:
    asked: Any = select(col(Offer.url), col(Entry.url)).distinct()
    return _resolve_links(
        session.execute(join_linked_offers(asked).where(col(Platform.id) == platform.id, is_open(now))), platform.hosts
    )


def _list_broken_links(session: Session, platform: Platform) -> set[str]:
    """The links of offers closed because they led nowhere, of lines that the service still lists."""
    asked = select(col(Offer.url), col(Entry.url)).join(Entry, col(Entry.id) == col(Offer.entry_id)).distinct()
    current = col(Entry.platform_id) == platform.id, col(Entry.last_run_id) == platform.current_run_id
    broken = asked.where(*current, col(Offer.closed_why) == CloseReason.BROKEN_LINK)
    return _resolve_links(session.execute(broken), platform.hosts)


def _resolve_links(rows: Iterable[Any], hosts: Collection[str]) -> set[str]:
    return {link for own, of_entry in rows if (link := pick_allowed_url((own, of_entry), hosts))}


def is_broken_link() -> ColumnElement[bool]:
    """Whether a link led nowhere when it last answered, as an SQL condition."""
    return col(LinkCheck.gone_days) > literal_column("0")  # not a parameter, or the index of broken links would not serve


def count_broken_links(session: Session) -> dict[int, BrokenLinkCounts]:
    """The links that lead nowhere, by service number; services without any are left out."""
    hidden = func.sum(case((col(LinkCheck.hidden_at).is_not(None), 1), else_=0))
    asked = select(col(LinkCheck.platform_id), func.count(), hidden).where(is_broken_link()).group_by(col(LinkCheck.platform_id))
    return {platform: BrokenLinkCounts(every - kept, kept) for platform, every, kept in session.execute(asked)}


def list_broken_links(session: Session, slug: str, start: int, limit: int) -> list[tuple[LinkCheck, Platform]]:
    """The links that lead nowhere, of a service or of all (""), the longest gone first."""
    asked = select(LinkCheck, Platform).join(Platform, col(Platform.id) == col(LinkCheck.platform_id)).where(is_broken_link())
    if slug:
        asked = asked.where(col(Platform.slug) == slug)
    order = (col(LinkCheck.hidden_at).is_(None), col(LinkCheck.gone_days).desc(), col(LinkCheck.id))
    return [(check, platform) for check, platform in session.execute(asked.order_by(*order).offset(start).limit(limit))]


def map_films_by_check(session: Session, checks: Sequence[LinkCheck]) -> dict[int, list[Film]]:
    """The films that some links led to, by number of the check."""
    urls, platforms = {check.url for check in checks}, {check.platform_id for check in checks}
    asked: Any = select(col(Entry.platform_id), col(Offer.url), col(Entry.url), col(Judgement.film_id)).select_from(Offer)
    asked = asked.join(Entry, col(Entry.id) == col(Offer.entry_id)).join(Judgement, col(Judgement.entry_id) == col(Entry.id))
    asked = asked.where(live_judgement(), col(Judgement.verdict) == Verdict.SAME).distinct()
    asked = asked.where(col(Entry.platform_id).in_(platforms), or_(col(Offer.url).in_(urls), col(Entry.url).in_(urls)))
    numbers = defaultdict[tuple[int, str], set[int]](set)
    for platform, own, of_entry, film in session.execute(asked):
        numbers[platform, own if own in urls else of_entry].add(film)
    of_check = {check.id or 0: numbers[check.platform_id, check.url] for check in checks}
    wanted = select(Film).where(col(Film.id).in_(set().union(*of_check.values()))).order_by(col(Film.title), col(Film.id))
    films = list(session.scalars(wanted))
    return {check: [film for film in films if film.id in some] for check, some in of_check.items()}
