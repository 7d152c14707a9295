"""« Mes services »: a reader's choice of services, kept in the address of the page and nowhere else."""

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
    """The choice told by `request.args.getlist(PARAMETER)`: slugs with commas, or one parameter each as a form sends them.

    One may choose among services that have been collected; one that closed since stays understood. Raises Refusal when there
    are too many, or one that nobody knows.
    """
    asked = list(dict.fromkeys(slug for value in values for slug in value.split(",") if slug))
    if len(asked) > MAX_SERVICES:
        raise RequestError(
            gettext("Le choix de services (paramètre « services ») est limité à %(most)s.") % {"most": MAX_SERVICES}
        )
    likely = [slug for slug in asked if slug.isascii() and slug.isprintable()]  # PostgreSQL stumbles on some of the others
    known = {platform.slug: platform for platform in session.exec(select(Platform).where(col(Platform.slug).in_(likely)))}
    for slug in asked:
        if slug not in known:
            told = clean_text(slug)[:_MAX_ECHOED_LENGTH]
            raise RequestError(gettext("Service inconnu (paramètre « services ») : « %(slug)s ».") % {"slug": told})
    slugs = tuple(sorted(asked))
    collected = session.exec(select(Platform).where(is_shown(), col(Platform.current_run_id).is_not(None)))
    offered = {platform.slug: platform for platform in collected} | known
    by_name = sorted(offered.values(), key=lambda platform: (fold_text(platform.name), platform.slug))
    choices = tuple(ServiceChoice(platform.slug, platform.name, platform.slug in known) for platform in by_name)
    return ServiceSelection(slugs, tuple(known[slug].id or 0 for slug in slugs), choices)
