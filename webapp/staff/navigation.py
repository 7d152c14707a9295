"""The rooms of the desk, in the order of its menu."""

from typing import NamedTuple

from flask import current_app, request

from domain.common.enums import Role
from domain.models.agent import Agent
from webapp.staff.auth import has_role

_MENU = (
    ("cockpit.show_dashboard", "Tableau de bord", Role.READER),
    ("review.show_review", "À vérifier", Role.MANAGER),
    ("staff_reports.show_reports", "Signalements", Role.READER),
    ("staff_films.list_films", "Films", Role.READER),
    ("staff_runs.show_runs", "Collectes", Role.READER),
    ("staff_platforms.list_platforms", "Services", Role.READER),
    ("staff_tasks.show_tasks", "Tâches", Role.READER),
    ("staff_links.show_broken_links", "Liens", Role.READER),
    ("staff_robots.list_hosts", "robots.txt", Role.READER),
    ("anomalies.list_anomalies", "Anomalies", Role.READER),
    ("checks.show_checks", "Contrôles", Role.READER),
    ("coverage.list_tables", "Tableaux", Role.READER),
    ("staff_partners.show_partners", "Partenaires", Role.READER),
    ("staff_history.list_acts", "Historique", Role.READER),
    ("accounts.list_accounts", "Comptes", Role.ADMIN),
)


class MenuItem(NamedTuple):
    """A room: its address, its name, and whether one is there: « page », « true » for a page further in, or nothing."""

    endpoint: str
    name: str
    current: str


def list_menu_items(agent: Agent) -> list[MenuItem]:
    """The rooms that an agent may enter."""
    known = current_app.view_functions
    return [
        MenuItem(endpoint, name, _get_current(endpoint))
        for endpoint, name, least in _MENU
        if endpoint in known and has_role(agent, least)
    ]


def _get_current(endpoint: str) -> str:
    if request.endpoint == endpoint:
        return "page"
    room = endpoint.partition(".")[0]
    return "true" if room == request.blueprint else ""
