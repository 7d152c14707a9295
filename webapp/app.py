"""Assemble the site: blueprints, middlewares, and what belongs to the application."""

from flask import Flask
from jinja2 import StrictUndefined
from sqlalchemy import Engine

from domain.linking.protocol import ReconcilerFactory
from search import filters, query, results
from webapp import api
from webapp.api.problems import get_problem_type
from webapp.core import (
    absence_labels,
    context,
    counter_buffer,
    error_handlers,
    formatting,
    i18n,
    memo,
    offer_labels,
    rating_labels,
    response_cache,
    security_headers,
    title_index,
)
from webapp.core.trusted_hosts import TrustedHostApp
from webapp.editors import bodies, form, views
from webapp.embed import load_counter, oembed, releases
from webapp.embed import routes as embed
from webapp.public import exits, films, search, sitemaps, windows
from webapp.public.about import facts
from webapp.public.about import views as about
from webapp.public.browse import routes as browse
from webapp.public.coverage import counting_slot
from webapp.public.coverage import routes as coverage
from webapp.public.lists import views as lists
from webapp.public.open_data import dcat as open_data_catalogue
from webapp.public.open_data import views as open_data
from webapp.public.reports import views as reports
from webapp.reconcile import matcher_holder
from webapp.reconcile import views as reconcile
from webapp.staff import blueprints as staff

_MAX_BODY_SIZE = 16_384
_TEMPLATE_FILTERS = (
    rating_labels.format_rating,
    formatting.typeset,
    formatting.format_number,
    formatting.format_count,
    formatting.format_percent,
    formatting.format_runtime,
    formatting.format_long_date,
    formatting.format_month,
    formatting.format_clock_time,
    formatting.translate_country,
)
_TEMPLATE_GLOBALS = (
    absence_labels.explain_absence,
    offer_labels.format_access,
    offer_labels.format_draw_period,
    offer_labels.format_price,
    offer_labels.group_by_service,
    offer_labels.format_service_count,
    offer_labels.format_accesses,
)
_PUBLIC_BLUEPRINTS = (
    windows.bp,
    films.bp,
    exits.bp,
    oembed.bp,
    sitemaps.bp,
    search.bp,
    lists.bp,
    reconcile.bp,
    about.bp,
    reports.bp,
    api.guide_bp,
    open_data.bp,
    open_data_catalogue.bp,
    form.bp,
    views.bp,
)
_EXTENSIONS = (
    facts,
    memo,
    counting_slot,
    lists,
    releases,
    title_index,
    bodies,
    staff,
    counter_buffer,
    error_handlers,
    security_headers,
)
"""What keeps something in the application, or handles its requests."""


def create_app(engine: Engine, reconciler_factory: ReconcilerFactory | None = None) -> Flask:
    """Return the site over a database whose tables are up to date.

    `reconciler_factory` loads the matcher with which lists are reconciled; without it that service answers 503.
    Raises UserError on a file of facts that cannot be read.
    """
    app = TrustedHostApp(__name__)
    app.config["MAX_CONTENT_LENGTH"] = _MAX_BODY_SIZE
    _configure_templates(app)
    app.extensions[context.ENGINE_KEY] = engine
    matcher_holder.init_app(app, reconciler_factory)
    for extension in _EXTENSIONS:
        extension.init_app(app)
    error_handlers.set_problem_types(app, "/api/", get_problem_type)
    _register_blueprints(app)
    # The last of these is the first to see a request: loads are counted before the cache answers, the cache knows the language.
    for middleware in (i18n, response_cache, load_counter):
        middleware.init_app(app)
    return app


def _configure_templates(app: Flask) -> None:
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True, "undefined": StrictUndefined}
    app.jinja_env.filters.update({function.__name__: function for function in _TEMPLATE_FILTERS})
    app.jinja_env.globals.update({function.__name__: function for function in _TEMPLATE_GLOBALS})
    app.jinja_env.globals.update(
        ACCESSES=offer_labels.ACCESS_LABELS,
        DECADES=filters.DECADES,
        MAX_QUERY=query.MAX_QUERY_LENGTH,
        PAGE_SIZE=results.PAGE_SIZE,
        accessibility_level=about.get_accessibility_level,
        is_demonstration=context.is_demonstration,
    )


def _register_blueprints(app: Flask) -> None:
    rooms = (api, browse, coverage, embed)
    for blueprint in (*_PUBLIC_BLUEPRINTS, *(room.create_blueprint() for room in rooms)):
        app.register_blueprint(blueprint)
