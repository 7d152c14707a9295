"""Read what a partner chose on the integration page."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from sqlmodel import Session, col, select

from domain.common.enums import Access
from domain.common.identifiers import ALL_SCHEMES
from domain.common.text import clean_text
from domain.models.film import FilmIdentifier
from webapp.core.context import RequestError
from webapp.core.i18n import ENGLISH, FRENCH, get_language, gettext
from webapp.embed.frame import THEMES

OWN_SCHEME = "ouvoir"
SCHEME_NAMES = {
    OWN_SCHEME: "OùVoir",
    "cnc": "CNC",
    "imdb": "IMDb",
    "tmdb": "TMDB",
    "allocine": "AlloCiné",
    "senscritique": "SensCritique",
    "wikidata": "Wikidata",
    "isan": "ISAN",
    "eidr": "EIDR",
    "visa": "Visa",
}
assert set(ALL_SCHEMES) < set(SCHEME_NAMES)
FORMS = ("element", "frame")
SIZES = ("normal", "small")
LABELS = ("price", "access", "none")
HEADINGS = ("3", "2", "4", "5", "6")
HOST_THEME = ""
"""The colours of the partner's page."""
MAX_EMPTY_LENGTH = 200


@dataclass(frozen=True)
class EmbedOptions:
    """Hold the partner's choices: `reference` is how the film is named, `missing_scheme` the identifier wanted that it lacks.

    `services` are slugs (none: all), `empty` what is shown when there is no offer, `heading` the level of the titles.
    """

    form: str
    reference: str
    scheme: str
    missing_scheme: str | None
    theme: str
    size: str
    label: str
    accesses: tuple[Access, ...]
    lang: str
    site: str | None
    services: tuple[str, ...]
    empty: str
    heading: str

    @property
    def has_ignored_options(self) -> bool:
        """Return whether something was chosen that a frame does not take."""
        if self.form != "frame":
            return False
        is_default = (self.size, self.label, self.heading) == (SIZES[0], LABELS[0], HEADINGS[0])
        return not is_default or bool(self.accesses or self.services or self.empty)


def list_references(session: Session, film_id: int) -> dict[str, str]:
    """Return how a film may be named, by scheme: « 12 », « imdb:tt0060474 »."""
    stmt = select(FilmIdentifier.scheme, FilmIdentifier.value).where(FilmIdentifier.film_id == film_id)
    rows = session.exec(stmt.order_by(col(FilmIdentifier.id).desc()))
    references = {scheme: f"{scheme}:{value}" for scheme, value in rows}
    return {OWN_SCHEME: str(film_id)} | {scheme: references[scheme] for scheme in ALL_SCHEMES if scheme in references}


def read_embed_options(references: dict[str, str], site: str | None, services: tuple[str, ...]) -> EmbedOptions:
    """Return the options in the address of the page. Raises RequestError on a value that the form does not offer."""
    scheme = _read_option("identifiant", tuple(SCHEME_NAMES))
    accesses = request.args.getlist("access")
    for access in accesses:
        _check_option("access", access, tuple(Access))
    is_known_scheme = scheme in references
    return EmbedOptions(
        form=_read_option("forme", FORMS),
        reference=references.get(scheme, references[OWN_SCHEME]),
        scheme=scheme if is_known_scheme else OWN_SCHEME,
        missing_scheme=None if is_known_scheme else SCHEME_NAMES[scheme],
        theme=_read_option("theme", (HOST_THEME, *THEMES)),
        size=_read_option("size", SIZES),
        label=_read_option("label", LABELS),
        accesses=tuple(access for access in Access if access in accesses),
        lang=_check_option("lang", request.args.get("lang") or get_language(), (FRENCH, ENGLISH)),
        site=site,
        services=services,
        empty=_read_empty_message(),
        heading=_read_option("heading", HEADINGS),
    )


def _read_empty_message() -> str:
    message = clean_text(request.args.get("empty", ""))
    if len(message) > MAX_EMPTY_LENGTH:
        raise RequestError(gettext("Le message est limité à %(limit)s caractères.") % {"limit": MAX_EMPTY_LENGTH})
    return message


def _read_option(name: str, choices: Sequence[str]) -> str:
    return _check_option(name, request.args.get(name, choices[0]), choices)


def _check_option(name: str, value: str, choices: Sequence[str]) -> str:
    if value not in choices:
        params = {"name": name, "choices": ", ".join(filter(None, choices))}
        raise RequestError(gettext("Paramètre « %(name)s » : attendu l’un de %(choices)s.") % params)
    return value
