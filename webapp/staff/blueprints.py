"""Add the staff pages to the site."""

from flask import Flask

from domain.runs.hold_reasons import format_verdict
from webapp.core.french import format_money
from webapp.staff import (
    accounts,
    anomalies,
    auth,
    csrf,
    dashboard,
    durations,
    film_merges,
    films,
    history,
    links,
    login,
    navigation,
    oidc_views,
    partners,
    platforms,
    rate_limit,
    reports,
    review,
    robots,
    runs,
    samples,
    tasks,
)

STAFF_BLUEPRINTS = (
    dashboard.bp,
    login.bp,
    oidc_views.bp,
    accounts.bp,
    review.bp,
    samples.bp,
    anomalies.bp,
    reports.bp,
    films.bp,
    film_merges.bp,
    partners.bp,
    runs.bp,
    platforms.bp,
    tasks.bp,
    links.bp,
    robots.bp,
    history.bp,
)
_TEMPLATE_FILTERS = (
    durations.format_age,
    durations.capitalize_first,
    durations.format_signed,
    format_money,
    format_verdict,
)
_TEMPLATE_GLOBALS = (auth.has_role, navigation.list_menu_items)


def init_app(app: Flask) -> None:
    """Register the staff blueprints with what they need of the application. Raises UserError on a bad provider setting."""
    auth.init_app(app)
    csrf.init_app(app)
    login.init_app(app)
    rate_limit.init_app(app)
    oidc_views.init_app(app)
    dashboard.init_app(app)
    for blueprint in STAFF_BLUEPRINTS:
        app.register_blueprint(blueprint)
    for template_filter in _TEMPLATE_FILTERS:
        app.add_template_filter(template_filter)
    for template_global in _TEMPLATE_GLOBALS:
        app.add_template_global(template_global)
