"""Find what a report is about, from the parameters of an address or the fields of a form."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import abort
from sqlmodel import Session, col, select
from werkzeug.datastructures import MultiDict

from domain.linking.redirects import get_canonical_film
from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.offers.availability import available_offers, join_linked_offers
from webapp.core import context
from webapp.core.context import RequestError
from webapp.core.i18n import gettext
from webapp.core.offer_labels import OfferLine, group_by_service


@dataclass(frozen=True, slots=True)
class ReportSubject:
    """Hold what a report is about: a film, one of its offers with the service that makes it, or neither.

    `lines` are the service's lines under the same access, where there are several to choose from.
    """

    film: Film | None = None
    offer: Offer | None = None
    platform: Platform | None = None
    lines: Sequence[OfferLine] = ()


def load_subject(db: Session, values: MultiDict[str, str]) -> ReportSubject:
    """Return the film (`film`) and the offer (`offre`) named; an offer alone names its film.

    The request is answered 404 when there is no such film or offer, or when the offer is of another film. Raises RequestError on
    an id that is not a number.
    """
    film_id = _parse_id_field(values, "film")
    offer_id = _parse_id_field(values, "offre")
    if offer_id is None:
        return ReportSubject(_get_film_or_404(db, film_id) if film_id is not None else None)
    stmt = join_linked_offers(select(Offer, Platform, Judgement.film_id)).where(col(Offer.id) == offer_id)
    row = db.exec(stmt).first()
    if row is None:
        abort(404)
    offer, platform, offer_film_id = row
    if offer_film_id is None or film_id not in (None, offer_film_id):
        abort(404)
    film = _get_film_or_404(db, offer_film_id)
    return ReportSubject(film, offer, platform, _list_sibling_lines(db, film, offer, platform))


def _parse_id_field(values: MultiDict[str, str], name: str) -> int | None:
    """Return the id in a field, None when it is empty. Raises RequestError when it is not a number."""
    text = values.get(name, "")
    if not text:
        return None
    parsed_id = context.parse_id(text)
    if not parsed_id:
        raise RequestError(gettext("Le paramètre « %(name)s » attend un numéro.") % {"name": name})
    return parsed_id


def _get_film_or_404(db: Session, film_id: int) -> Film:
    film = get_canonical_film(db, film_id)
    if film is None:
        abort(404)
    return film


def _list_sibling_lines(db: Session, film: Film, offer: Offer, platform: Platform) -> Sequence[OfferLine]:
    """Return the lines that the film's page shows beside the offer's; none when that one is alone, or shown no more."""
    offers = available_offers(db, film.id, datetime.now(UTC))
    siblings = [
        available for available in offers if available.platform.id == platform.id and available.offer.access == offer.access
    ]
    lines = group_by_service(siblings)[0].lines if siblings else []
    is_shown = any(line.offer.id == offer.id for line in lines)
    return lines if is_shown and len(lines) > 1 else ()
