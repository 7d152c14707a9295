"""The public site, put together."""

from flask import Flask
from jinja2 import StrictUndefined
from sqlalchemy import Engine

from domain.linking.protocol import ReconcilerFactory
from search import filters, query, results
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
    title_index,
)
from webapp.core.trusted_hosts import TrustedHostApp
from webapp.editors import bodies, form, views
from webapp.embed import oembed
from webapp.public import about, browse, coverage, exits, films, reports, search, sitemaps, windows
from webapp.public.lists import views as lists
from webapp.public.open_data import dcat as open_data_catalogue
from webapp.public.open_data import views as open_data
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
    browse.bp,
    coverage.bp,
    embed.bp,
    about.bp,
    reports.bp,
    api.bp,
    api.guides,
    open_data.bp,
    open_data_catalogue.bp,
    form.bp,
    views.bp,
)


def create_app(engine: Engine, reconciler_factory: ReconcilerFactory | None = None) -> Flask:
    """The site over a database whose tables are up to date; `matching` reads the matcher that lists are linked with.

    Raises Problem on a file of facts that cannot be read.
    """
    about.check_facts()
    app = TrustedHostApp(__name__)
    app.extensions[context.ENGINE_KEY] = engine
    app.config["MAX_CONTENT_LENGTH"] = _MAX_BODY_SIZE
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True, "undefined": StrictUndefined}
    for blueprint in _PUBLIC_BLUEPRINTS:
        app.register_blueprint(blueprint)
    staff.init_app(app)
    title_index.init_app(app)
    bodies.init_app(app)
    counter_buffer.init_app(app)
    matcher_holder.init_app(app, reconciler_factory)
    error_handlers.init_app(app)
    security_headers.init_app(app)
    i18n.init_app(app)
    response_cache.init_app(app)
    embed.load_counter.init_app(app)
    app.jinja_env.filters.update({tool.__name__: tool for tool in _TEMPLATE_FILTERS})
    app.jinja_env.globals.update({tool.__name__: tool for tool in _TEMPLATE_GLOBALS}, ACCESSES=offer_labels.ACCESS_LABELS)
    app.jinja_env.globals.update(
        is_demonstration=context.is_demonstration,
        accessibility_state=about.get_accessibility_level,
        MAX_QUERY=query.MAX_QUERY_LENGTH,
        PAGE_SIZE=results.PAGE_SIZE,
        DECADES=filters.DECADES,
    )
    return app
