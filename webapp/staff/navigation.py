"""List the sections of the staff site, in the order of its menu."""

from typing import NamedTuple

from flask import current_app, request

from domain.common.enums import Role
from domain.models.agent import Agent
from webapp.staff.auth import has_role

_MENU = (
    ("dashboard.show_dashboard", "Tableau de bord", Role.READER),
    ("review.show_review", "À vérifier", Role.MANAGER),
    ("staff_reports.show_reports", "Signalements", Role.READER),
    ("staff_films.list_films", "Films", Role.READER),
    ("staff_runs.show_runs", "Collectes", Role.READER),
    ("staff_platforms.list_platforms", "Services", Role.READER),
    ("staff_tasks.show_tasks", "Tâches", Role.READER),
    ("staff_links.show_broken_links", "Liens", Role.READER),
    ("staff_robots.list_hosts", "robots.txt", Role.READER),
    ("anomalies.list_anomalies", "Anomalies", Role.READER),
    ("staff_samples.show_error_rates", "Contrôles", Role.READER),
    ("coverage.list_tables", "Tableaux", Role.READER),
    ("staff_partners.show_partners", "Partenaires", Role.READER),
    ("staff_history.list_acts", "Historique", Role.READER),
    ("accounts.list_accounts", "Comptes", Role.ADMIN),
)


class MenuItem(NamedTuple):
    """Represent a section of the menu; `current` is its `aria-current`: « page », « true » for a page of the section, or ""."""

    endpoint: str
    name: str
    current: str


def list_menu_items(agent: Agent) -> list[MenuItem]:
    """Return the sections that an agent may open."""
    items = []
    for endpoint, name, minimum_role in _MENU:
        if endpoint in current_app.view_functions and has_role(agent, minimum_role):
            items.append(MenuItem(endpoint, name, _get_aria_current(endpoint)))
    return items


def _get_aria_current(endpoint: str) -> str:
    if request.endpoint == endpoint:
        return "page"
    blueprint = endpoint.partition(".")[0]
    return "true" if blueprint == request.blueprint else ""
