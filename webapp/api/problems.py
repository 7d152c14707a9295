"""The kinds of problems that the API may answer with: each has an address that explains it, on the page of the API."""

from dataclasses import dataclass

from flask import url_for

from webapp.api.film_schemas import Told


class Problem(Told):
    """Un refus ou une panne (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str


@dataclass(frozen=True)
class Kind:
    """The end of a kind's address, and what to do about it, in French."""

    anchor: str
    told: str


KINDS = {
    400: Kind("parametre", "Un nom ou une valeur n’est pas de ceux attendus : « detail » le nomme. Rien n’est jamais ignoré."),
    404: Kind("introuvable", "Il n’y a rien à cette adresse : ni film, ni service, ni numéro de ce nom."),
    405: Kind("methode", "L’adresse se lit (GET), sauf « lookup », à qui l’on envoie du JSON (POST)."),
    413: Kind("trop-lourd", "L’envoi dépasse 300 000 octets ou 500 lignes : faites-en plusieurs."),
    415: Kind("format", "L’envoi doit être du JSON, annoncé par « Content-Type: application/json »."),
    429: Kind("trop-de-demandes", "Attendez autant de secondes que dit « Retry-After »."),
    500: Kind("erreur", "L’erreur est de notre côté, et notée. Réessayer n’y changera sans doute rien avant sa correction."),
    503: Kind("indisponible", "La base ne répond pas, ou trop de listes de titres sont en cours : réessayez dans un instant."),
}
"""By status."""


def problem_type(status: int) -> str:
    """The address that explains a problem of the API."""
    kind = KINDS.get(status, KINDS[400 if status < 500 else 500])
    return url_for("api_guide.guide", _external=True, _anchor=f"probleme-{kind.anchor}")
