"""The public site, put together."""

from flask import Flask
from jinja2 import StrictUndefined
from sqlalchemy import Engine

from domain.linking.protocol import MatchingMaker
from search import filters, index_holder, query, results
from webapp import api, embed
from webapp.core import (
    absence_labels,
    context,
    counter_buffer,
    error_handlers,
    formatting,
    i18n,
    offer_labels,
    rating_labels,
    response_cache,
    security_headers,
)
from webapp.core.trusted_hosts import Site
from webapp.editors import form, views
from webapp.embed import oembed
from webapp.public import about, browse, coverage, exits, films, reports, search, sitemaps, windows
from webapp.public.lists import views as lists
from webapp.public.open_data import dcat as open_data_catalogue
from webapp.public.open_data import views as open_data
from webapp.reconcile import matcher_holder
from webapp.reconcile import views as reconcile
from webapp.staff import (
    accounts,
    anomalies,
    auth,
    dashboard,
    film_merges,
    history,
    links,
    login,
    oidc_views,
    partners,
    platforms,
    review,
    robots,
    runs,
    samples,
    tasks,
)
from webapp.staff import films as staff_films
from webapp.staff import reports as staff_reports
from webapp.staff.rate_limit import THROTTLE, Throttle

_BODY_LIMIT = 16_384
_FILTERS = (
    rating_labels.rating_words,
    formatting.typeset,
    formatting.number,
    formatting.count,
    formatting.percent,
    formatting.runtime,
    formatting.long_date,
    formatting.clock,
    formatting.country,
)
_OFFER_WORDS = (
    absence_labels.absence_told,
    offer_labels.access_label,
    offer_labels.draw_label,
    offer_labels.price,
    offer_labels.rows,
    offer_labels.service_count,
    offer_labels.ways,
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
    embed.pages,
    about.pages,
    reports.pages,
    api.pages,
    api.guides,
    open_data.pages,
    open_data_catalogue.pages,
    form.pages,
    views.pages,
)
_DESK = (
    dashboard.pages,
    login.pages,
    oidc_views.pages,
    accounts.pages,
    review.pages,
    samples.pages,
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
    oidc_views.register(app)
    app.config["MAX_CONTENT_LENGTH"] = _BODY_LIMIT
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True, "undefined": StrictUndefined}
    for blueprint in (*_PUBLIC, *_DESK):
        app.register_blueprint(blueprint)
    index_holder.register(app)
    counter_buffer.register(app)
    matcher_holder.register(app, matching)
    error_handlers.register(app)
    security_headers.register(app)
    i18n.register(app)
    response_cache.register(app)
    embed.load_counter.register(app)
    app.jinja_env.filters.update({tool.__name__: tool for tool in _FILTERS})
    app.jinja_env.globals.update({tool.__name__: tool for tool in _OFFER_WORDS}, ACCESSES=offer_labels.ACCESSES)
    app.jinja_env.globals.update(
        is_demonstration=context.is_demonstration,
        accessibility_state=about.accessibility_state,
        csrf_token=auth.csrf_token,
        MAX_QUERY=query.MAX_QUERY,
        PAGE_SIZE=results.PAGE_SIZE,
        DECADES=filters.DECADES,
    )
    return app
