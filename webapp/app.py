"""The public site, put together."""

from flask import Flask
from jinja2 import StrictUndefined
from sqlalchemy import Engine

from records.reconciling import MatchingMaker
from webapp import (
    about,
    absence,
    answers,
    api,
    browse,
    context,
    coverage,
    exits,
    faults,
    films,
    headers,
    language,
    oembed,
    offers,
    ratings,
    reports,
    sitemaps,
    tallies,
    widget,
    windows,
    wording,
)
from webapp.editors import form_page, routes
from webapp.hosts import Site
from webapp.lists import pages as lists
from webapp.open_data import catalogue as open_data_catalogue
from webapp.open_data import pages as open_data
from webapp.reconcile import routes as reconcile
from webapp.reconcile import standing
from webapp.search import filters, results, titles, wordings
from webapp.search import pages as search
from webapp.staff import (
    accounts,
    anomalies,
    checks,
    cockpit,
    door,
    film_merges,
    history,
    links,
    partners,
    platforms,
    proconnect,
    review,
    robots,
    runs,
    sign_in,
    tasks,
)
from webapp.staff import films as staff_films
from webapp.staff import reports as staff_reports
from webapp.staff.throttle import THROTTLE, Throttle

_BODY_LIMIT = 16_384
_FILTERS = (
    ratings.rating_words,
    wording.typeset,
    wording.number,
    wording.count,
    wording.percent,
    wording.runtime,
    wording.long_date,
    wording.clock,
    wording.country,
)
_OFFER_WORDS = (
    absence.absence_told,
    offers.access_label,
    offers.draw_label,
    offers.price,
    offers.rows,
    offers.service_count,
    offers.ways,
)
_PUBLIC = (
    windows.pages,
    films.pages,
    exits.pages,
    oembed.pages,
    sitemaps.pages,
    search.pages,
    lists.pages,
    reconcile.pages,
    browse.pages,
    coverage.pages,
    widget.pages,
    about.pages,
    reports.pages,
    api.pages,
    api.guides,
    open_data.pages,
    open_data_catalogue.pages,
    form_page.pages,
    routes.pages,
)
_DESK = (
    cockpit.pages,
    sign_in.pages,
    proconnect.pages,
    accounts.pages,
    review.pages,
    checks.pages,
    anomalies.pages,
    staff_reports.pages,
    staff_films.pages,
    film_merges.pages,
    partners.pages,
    runs.pages,
    platforms.pages,
    tasks.pages,
    links.pages,
    robots.pages,
    history.pages,
)


def create_app(engine: Engine, matching: MatchingMaker | None = None) -> Flask:
    """The site over a database whose tables are up to date; `matching` reads the matcher that lists are linked with.

    Raises Problem on a file of facts that cannot be read.
    """
    about.check_facts()
    app = Site(__name__)
    app.extensions[context.ENGINE] = engine
    app.extensions[THROTTLE] = Throttle()
    proconnect.register(app)
    app.config["MAX_CONTENT_LENGTH"] = _BODY_LIMIT
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True, "undefined": StrictUndefined}
    for blueprint in (*_PUBLIC, *_DESK):
        app.register_blueprint(blueprint)
    titles.register(app)
    tallies.register(app)
    standing.register(app, matching)
    faults.register(app)
    headers.register(app)
    language.register(app)
    answers.register(app)
    widget.loads.register(app)
    app.jinja_env.filters.update({tool.__name__: tool for tool in _FILTERS})
    app.jinja_env.globals.update({tool.__name__: tool for tool in _OFFER_WORDS}, ACCESSES=offers.ACCESSES)
    app.jinja_env.globals.update(
        is_demonstration=context.is_demonstration,
        accessibility_state=about.accessibility_state,
        csrf_token=door.csrf_token,
        MAX_QUERY=wordings.MAX_QUERY,
        PAGE_SIZE=results.PAGE_SIZE,
        DECADES=filters.DECADES,
    )
    return app
