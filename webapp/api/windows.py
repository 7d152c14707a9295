"""The chronologie des médias: its rules, and where each exploitation of a film stands."""

from datetime import UTC, datetime

from flask import Response

from domain.common.paris_time import day_in_paris
from domain.offers.availability import available_offers
from domain.windows import absence
from domain.windows.rules import Rule as Known
from domain.windows.rules import windows as known_rules
from webapp.api.film_schemas import FilmName
from webapp.api.operations import reads
from webapp.api.parameters import Nothing
from webapp.api.responses import common, send_kept
from webapp.api.schemas import FilmWindowsAnswer, Rule, RulesAnswer, Window
from webapp.api.serializers import day, named
from webapp.core.absence_labels import seen_on
from webapp.core.context import FILM_ID, session
from webapp.core.film_redirect import film_here


@reads(
    f"/films/<{FILM_ID}:film_id>/windows",
    Nothing,
    FilmWindowsAnswer,
    "Où en est un film dans la chronologie des médias",
    "Pour chaque exploitation : permise ou non, depuis quand, et si une offre est connue. Une fenêtre ouverte n’en promet pas.",
)
def film_windows(asked: Nothing, film_id: int) -> Response:
    """Every exploitation of a film under today's rules."""
    at = datetime.now(UTC)
    with session() as db:
        film = film_here(db, film_id)
        offers = available_offers(db, film_id, at)
    today = day_in_paris(at)
    seen = [absence.Seen(shown.offer.access, shown.platform.slug, seen_on(shown.offer)) for shown in offers]
    told = FilmWindowsAnswer(
        **common(at),
        film=FilmName(**named(film)),
        day=today.isoformat(),
        release_date=day(film.release_date),
        exemption=absence.exemption(film),
        windows=[_window(window) for window in absence.windows_of(film, today, seen) if window.rule.concerns],
    )
    return send_kept(told, at)


def _window(window: absence.Window) -> Window:
    return Window(
        rule=window.rule.id,
        exploitation=window.rule.exploitation,
        state=window.state,
        opens=day(window.opens),
        may_open=day(window.may_open),
        back=day(window.back),
        source=window.rule.source,
        checked_on=window.rule.checked_on.isoformat(),
        doubt=window.rule.doubt or None,
    )


@reads("/windows", Nothing, RulesAnswer, "Les règles de la chronologie des médias", "Avec la source et le doute de chacune.")
def rules(asked: Nothing) -> Response:
    """Every rule, those of today and the others."""
    at = datetime.now(UTC)
    today = day_in_paris(at).isoformat()
    return send_kept(RulesAnswer(**common(at), day=today, rules=[_rule(rule, at) for rule in known_rules()]), at)


def _rule(rule: Known, at: datetime) -> Rule:
    facts = rule.model_dump(mode="json") | {"in_force": rule.holds_on(day_in_paris(at))}
    return Rule.model_validate(facts | {"note": rule.note or None, "doubt": rule.doubt or None})
