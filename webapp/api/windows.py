"""Return the rules of the chronologie des médias, and what they say of a film today."""

from datetime import UTC, datetime

from flask import Response

from domain.common.paris_time import get_paris_date
from domain.offers.availability import AvailableOffer, available_offers
from domain.windows import absence
from domain.windows.rules import WindowRule, get_window_rules
from webapp.api.film_schemas import FilmName
from webapp.api.operations import get_operation
from webapp.api.parameters import NoParams
from webapp.api.responses import build_cacheable_response, build_common_fields
from webapp.api.schemas import FilmWindowsAnswer, Rule, RulesAnswer, Window
from webapp.api.serializers import build_film_name, format_day
from webapp.core.absence_labels import get_first_seen_day
from webapp.core.context import FILM_ID_CONVERTER, open_db_session
from webapp.core.film_redirect import get_film_or_404


@get_operation(
    "film_windows",
    f"/films/<{FILM_ID_CONVERTER}:film_id>/windows",
    NoParams,
    FilmWindowsAnswer,
    "Où en est un film dans la chronologie des médias",
    "Pour chaque exploitation : permise ou non, depuis quand, et si une offre est connue. Une fenêtre ouverte n’en promet pas.",
)
def show_film_windows(params: NoParams, film_id: int) -> Response:
    """Return every exploitation of a film under today's rules."""
    at = datetime.now(UTC)
    with open_db_session() as db:
        film = get_film_or_404(db, film_id)
        offers = available_offers(db, film_id, at)
    today = get_paris_date(at)
    sightings = [_build_sighting(available) for available in offers]
    windows = [window for window in absence.compute_windows(film, today, sightings) if window.rule.concerns]
    answer = FilmWindowsAnswer(
        **build_common_fields(at),
        film=FilmName(**build_film_name(film)),
        day=today.isoformat(),
        release_date=format_day(film.release_date),
        exemption=absence.get_exemption(film),
        windows=[_build_window(window) for window in windows],
    )
    return build_cacheable_response(answer, at)


def _build_sighting(available: AvailableOffer) -> absence.OfferSighting:
    return absence.OfferSighting(available.offer.access, available.platform.slug, get_first_seen_day(available.offer))


def _build_window(window: absence.Window) -> Window:
    return Window(
        rule=window.rule.id,
        exploitation=window.rule.exploitation,
        state=window.state,
        opens=format_day(window.opens_on),
        may_open=format_day(window.may_open_on),
        back=format_day(window.returns_on),
        source=window.rule.source,
        checked_on=window.rule.checked_on.isoformat(),
        doubt=window.rule.doubt or None,
    )


@get_operation(
    "rules",
    "/windows",
    NoParams,
    RulesAnswer,
    "Les règles de la chronologie des médias",
    "Avec la source et le doute de chacune.",
)
def list_rules(params: NoParams) -> Response:
    """Return every rule, those in force and the others."""
    at = datetime.now(UTC)
    today = get_paris_date(at).isoformat()
    rules = [_build_rule(rule, at) for rule in get_window_rules()]
    return build_cacheable_response(RulesAnswer(**build_common_fields(at), day=today, rules=rules), at)


def _build_rule(rule: WindowRule, at: datetime) -> Rule:
    facts = rule.model_dump(mode="json") | {"in_force": rule.is_in_force_on(get_paris_date(at))}
    return Rule.model_validate(facts | {"note": rule.note or None, "doubt": rule.doubt or None})
