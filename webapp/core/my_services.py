"""« Mes services »: a reader's choice of services, kept in the address of the page and nowhere else."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from domain.common.text import clean, fold
from domain.models.platform import Platform
from domain.offers.availability import is_shown
from webapp.core.context import Refusal
from webapp.core.i18n import gettext

PARAMETER = "services"
MOST = 60
_TOLD = 64


@dataclass(frozen=True)
class Choice:
    """A service that may be chosen, and whether it is."""

    slug: str
    name: str
    chosen: bool


@dataclass(frozen=True)
class MyServices:
    """The services chosen (none: all of them), and those to choose from, in alphabetical order."""

    slugs: tuple[str, ...]
    platform_ids: tuple[int, ...]
    choices: tuple[Choice, ...]

    @property
    def kept(self) -> dict[str, str]:
        """What an address carries over: `url_for("search.results", q=query, **mine.kept)`."""
        return {PARAMETER: ",".join(self.slugs)} if self.slugs else {}


def read_services(session: Session, values: Sequence[str]) -> MyServices:
    """The choice told by `request.args.getlist(PARAMETER)`: slugs with commas, or one parameter each as a form sends them.

    One may choose among services that have been collected; one that closed since stays understood. Raises Refusal when there
    are too many, or one that nobody knows.
    """
    asked = list(dict.fromkeys(slug for value in values for slug in value.split(",") if slug))
    if len(asked) > MOST:
        raise Refusal(gettext("Le choix de services (paramètre « services ») est limité à %(most)s.") % {"most": MOST})
    likely = [slug for slug in asked if slug.isascii() and slug.isprintable()]  # PostgreSQL stumbles on some of the others
    known = {platform.slug: platform for platform in session.exec(select(Platform).where(col(Platform.slug).in_(likely)))}
    for slug in asked:
        if slug not in known:
            told = clean(slug)[:_TOLD]
            raise Refusal(gettext("Service inconnu (paramètre « services ») : « %(slug)s ».") % {"slug": told})
    slugs = tuple(sorted(asked))
    collected = session.exec(select(Platform).where(is_shown(), col(Platform.current_run_id).is_not(None)))
    offered = {platform.slug: platform for platform in collected} | known
    by_name = sorted(offered.values(), key=lambda platform: (fold(platform.name), platform.slug))
    choices = tuple(Choice(platform.slug, platform.name, platform.slug in known) for platform in by_name)
    return MyServices(slugs, tuple(known[slug].id or 0 for slug in slugs), choices)
