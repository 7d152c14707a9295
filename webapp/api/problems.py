"""Describe the problems that the API may answer with (RFC 9457): each has an address that explains it."""

from dataclasses import dataclass

from flask import url_for

from webapp.api.film_schemas import ResponseModel


class Problem(ResponseModel):
    """Un refus ou une panne (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str


@dataclass(frozen=True)
class ProblemKind:
    """Represent a kind of problem: the anchor of its explanation, and what to do about it in French."""

    anchor: str
    description: str


PROBLEM_KINDS = {
    400: ProblemKind(
        "parametre", "Un nom ou une valeur n’est pas de ceux attendus : « detail » le nomme. Rien n’est jamais ignoré."
    ),
    404: ProblemKind("introuvable", "Il n’y a rien à cette adresse : ni film, ni service, ni numéro de ce nom."),
    405: ProblemKind("methode", "L’adresse se lit (GET), sauf « lookup », à qui l’on envoie du JSON (POST)."),
    413: ProblemKind("trop-lourd", "L’envoi dépasse 300 000 octets ou 500 lignes : faites-en plusieurs."),
    415: ProblemKind("format", "L’envoi doit être du JSON, annoncé par « Content-Type: application/json »."),
    429: ProblemKind("trop-de-demandes", "Attendez autant de secondes que dit « Retry-After »."),
    500: ProblemKind(
        "erreur", "L’erreur est de notre côté, et notée. Réessayer n’y changera sans doute rien avant sa correction."
    ),
    503: ProblemKind(
        "indisponible", "La base ne répond pas, ou trop de listes de titres sont en cours : réessayez dans un instant."
    ),
}
"""The kinds of problems, by HTTP status."""


def get_problem_type(status: int) -> str:
    """Return the address that explains a problem of the API."""
    kind = PROBLEM_KINDS.get(status, PROBLEM_KINDS[400 if status < 500 else 500])
    return url_for("api_guide.show_guide", _external=True, _anchor=f"probleme-{kind.anchor}")
