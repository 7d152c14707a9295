"""Read « Mes services »: a reader's choice of services, kept in the address of the page and nowhere else."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from domain.common.text import clean_text, fold_text
from domain.models.platform import Platform
from domain.offers.availability import is_shown
from search.filters import ServiceChoice, ServiceSelection
from webapp.core.context import RequestError
from webapp.core.i18n import gettext

MAX_SERVICES = 60
_MAX_ECHOED_LENGTH = 64


def parse_services(session: Session, values: Sequence[str]) -> ServiceSelection:
    """Return the choice made by `request.args.getlist(SERVICES_PARAM)`: comma-separated slugs, or one parameter each.

    The choices offered are the services that have been collected; one that closed since stays understood. Raises RequestError
    when there are too many slugs, or one that nobody knows.
    """
    slugs = _split_slugs(values)
    chosen = _find_platforms(session, slugs)
    for slug in slugs:
        if slug not in chosen:
            message = gettext("Service inconnu (paramètre « services ») : « %(slug)s ».")
            raise RequestError(message % {"slug": clean_text(slug)[:_MAX_ECHOED_LENGTH]})
    collected = session.exec(select(Platform).where(is_shown(), col(Platform.current_run_id).is_not(None)))
    platforms = {platform.slug: platform for platform in collected} | chosen
    by_name = sorted(platforms.values(), key=lambda platform: (fold_text(platform.name), platform.slug))
    return ServiceSelection(
        slugs=tuple(sorted(slugs)),
        platform_ids=tuple(_get_id(chosen[slug]) for slug in sorted(slugs)),
        choices=tuple(ServiceChoice(platform.slug, platform.name, platform.slug in chosen) for platform in by_name),
    )


def _split_slugs(values: Sequence[str]) -> list[str]:
    """Return each slug once, in the order given. Raises RequestError when there are too many."""
    slugs = list(dict.fromkeys(filter(None, ",".join(values).split(","))))
    if len(slugs) > MAX_SERVICES:
        message = gettext("Le choix de services (paramètre « services ») est limité à %(limit)s.")
        raise RequestError(message % {"limit": MAX_SERVICES})
    return slugs


def _find_platforms(session: Session, slugs: Sequence[str]) -> dict[str, Platform]:
    """Return the platforms of these slugs, by slug."""
    searchable = [slug for slug in slugs if slug.isascii() and slug.isprintable()]  # PostgreSQL refuses some of the others
    platforms = session.exec(select(Platform).where(col(Platform.slug).in_(searchable)))
    return {platform.slug: platform for platform in platforms}


def _get_id(platform: Platform) -> int:
    assert platform.id is not None
    return platform.id
