"""The rooms of the desk, in the order of its menu."""

from typing import NamedTuple

from flask import current_app, request

from domain.common.enums import Role
from domain.models.agent import Agent
from webapp.staff.auth import may

_PLACES = (
    ("cockpit.home", "Tableau de bord", Role.READER),
    ("review.desk", "À vérifier", Role.MANAGER),
    ("staff_reports.waiting", "Signalements", Role.READER),
    ("staff_films.listed", "Films", Role.READER),
    ("staff_runs.listed", "Collectes", Role.READER),
    ("staff_platforms.listed", "Services", Role.READER),
    ("staff_tasks.listed", "Tâches", Role.READER),
    ("staff_links.broken", "Liens", Role.READER),
    ("staff_robots.hosts", "robots.txt", Role.READER),
    ("anomalies.early", "Anomalies", Role.READER),
    ("checks.report", "Contrôles", Role.READER),
    ("coverage.all_tables", "Tableaux", Role.READER),
    ("staff_partners.counted", "Partenaires", Role.READER),
    ("staff_history.acts", "Historique", Role.READER),
    ("accounts.all_of_them", "Comptes", Role.ADMIN),
)


class Place(NamedTuple):
    """A room: its address, its name, and whether one is there: « page », « true » for a page further in, or nothing."""

    endpoint: str
    name: str
    current: str


def places(agent: Agent) -> list[Place]:
    """The rooms that an agent may enter."""
    known = current_app.view_functions
    return [
        Place(endpoint, name, _current(endpoint)) for endpoint, name, least in _PLACES if endpoint in known and may(agent, least)
    ]


def _current(endpoint: str) -> str:
    if request.endpoint == endpoint:
        return "page"
    room = endpoint.partition(".")[0]
    return "true" if room == request.blueprint else ""
