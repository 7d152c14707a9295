"""What a partner chose, and the code that says it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from flask import request, url_for
from sqlmodel import Session, col, select

from domain.common.enums import Access
from domain.common.identifiers import EVERY_SCHEME
from domain.common.text import clean
from domain.models.film import Film, FilmIdentifier
from webapp.core.context import Refusal
from webapp.core.i18n import ENGLISH, FRENCH, alone, gettext, language
from webapp.embed.frame import THEMES
from webapp.embed.releases import latest

NUMBER = "ouvoir"
NAMES = {
    NUMBER: "OùVoir",
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
assert set(EVERY_SCHEME) < set(NAMES)
HEIGHTS, _PADDING = {"normal": 18, "small": 10}, 1
FORMS, LABELS, HOST_THEME = ("element", "frame"), ("price", "access", "none"), ""
HEADINGS, LONGEST_EMPTY = ("3", "2", "4", "5", "6"), 200
_FRAME_STYLE = "iframe.ou-voir { width: 100%; max-width: 600px; border: 0; }"
_LINK = {FRENCH: "Où voir ce film légalement", ENGLISH: "Where to watch this film legally"}
_TITLE = {FRENCH: "Où voir {} légalement", ENGLISH: "Where to watch {} legally"}


@dataclass(frozen=True)
class Choice:
    """What the form says; `reference` is how the film is named, `wished` the identifier asked for that it does not have.

    `services` are slugs (none: all), `empty` what is said when nothing is shown, `heading` the level of the titles.
    """

    form: str
    reference: str
    scheme: str
    wished: str | None
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
    def is_ignored(self) -> bool:
        """Whether something was chosen that a frame does not take."""
        element_only = (self.accesses, self.services, self.empty, self.size != "normal", self.label != LABELS[0])
        return self.form == "frame" and any((*element_only, self.heading != HEADINGS[0]))


@dataclass(frozen=True)
class Code:
    """What is to be copied: the block, what to add to the site's policy and style sheet, then the script of an element,
    or for a frame the line that lets its links open in WordPress.
    """

    block: str
    policy: str
    style: str
    script: str = ""
    wordpress: str = ""


def references(session: Session, film_id: int) -> dict[str, str]:
    """How a film may be named, by scheme: « 12 », « imdb:tt0060474 »."""
    asked = select(FilmIdentifier.scheme, FilmIdentifier.value).where(FilmIdentifier.film_id == film_id)
    known = {scheme: f"{scheme}:{value}" for scheme, value in session.exec(asked.order_by(col(FilmIdentifier.id).desc()))}
    return {NUMBER: str(film_id)} | {scheme: known[scheme] for scheme in EVERY_SCHEME if scheme in known}


def read_choice(named: dict[str, str], site: str | None, services: tuple[str, ...]) -> Choice:
    """The choice told by the address of the page. Raises Refusal on a value that the form does not offer."""
    scheme = _one("identifiant", tuple(NAMES))
    accesses = request.args.getlist("access")
    for access in accesses:
        _known("access", access, tuple(Access))
    return Choice(
        form=_one("forme", FORMS),
        reference=named.get(scheme, named[NUMBER]),
        scheme=scheme if scheme in named else NUMBER,
        wished=None if scheme in named else NAMES[scheme],
        theme=_one("theme", (HOST_THEME, *THEMES)),
        size=_one("size", tuple(HEIGHTS)),
        label=_one("label", LABELS),
        accesses=tuple(access for access in Access if access in accesses),
        lang=_known("lang", request.args.get("lang") or language(), (FRENCH, ENGLISH)),
        site=site,
        services=services,
        empty=_empty(),
        heading=_one("heading", HEADINGS),
    )


def _empty() -> str:
    told = clean(request.args.get("empty", ""))
    if len(told) > LONGEST_EMPTY:
        raise Refusal(gettext("Le message est limité à %(most)s caractères.") % {"most": LONGEST_EMPTY})
    return told


def _one(name: str, known: Sequence[str]) -> str:
    return _known(name, request.args.get(name, known[0]), known)


def _known(name: str, value: str, known: Sequence[str]) -> str:
    if value not in known:
        told = {"name": name, "known": ", ".join(word for word in known if word)}
        raise Refusal(gettext("Paramètre « %(name)s » : attendu l’un de %(known)s.") % told)
    return value


def attributes(choice: Choice) -> dict[str, str]:
    """The attributes of the element; what goes without saying is left out."""
    told = {
        "film": choice.reference,
        "lang": choice.lang,
        "theme": choice.theme,
        "size": choice.size if choice.size != "normal" else "",
        "label": choice.label if choice.label != LABELS[0] else "",
        "access": " ".join(choice.accesses),
        "services": " ".join(choice.services),
        "empty": choice.empty,
        "heading": choice.heading if choice.heading != HEADINGS[0] else "",
    }
    return {name: value for name, value in told.items() if value}


def frame_address(choice: Choice) -> str:
    """The address of the frame, on this site."""
    scheme, _, value = choice.reference.rpartition(":")
    named = {"scheme": scheme, "value": value} if scheme else {"film_id": int(value)}
    theme = choice.theme if choice.theme not in (HOST_THEME, THEMES[0]) else None
    address = alone(url_for("widget.frame", **named, theme=theme, par=choice.site))
    outside = (request.script_root or "").removesuffix(f"/{ENGLISH}")
    return address if choice.lang == FRENCH else f"{outside}/{ENGLISH}{address.removeprefix(outside)}"


def code_of(choice: Choice, film: Film) -> Code:
    """The code of a choice, for a film."""
    site = request.host_url.rstrip("/")
    if choice.form == "frame":
        title = _TITLE[choice.lang].format(film.title)
        # No inline style: a strict policy forbids it. Narrow enough for a telephone until a style sheet says otherwise.
        block = (
            f'<iframe class="ou-voir" src="{escape(site + frame_address(choice))}" title="{escape(title)}"\n'
            '  width="300" height="420" loading="lazy" sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>'
        )
        provider = f"wp_oembed_add_provider('#{re.escape(site)}/(en/)?films/.*#', '{site}/oembed', true);"
        return Code(block, f"frame-src {site}", style=_FRAME_STYLE, wordpress=provider)
    script = latest()
    address = site + alone(url_for("widget.version", version=script.version))
    page = site + alone(url_for("films.film", film_id=film.id, slug=film.slug))
    told = " ".join(f'{name}="{escape(value)}"' for name, value in attributes(choice).items())
    padding = _PADDING if choice.theme else 0
    style = f"height: {HEIGHTS[choice.size] + 2 * padding}em;" + (f" padding: {padding}em;" if padding else "")
    return Code(
        block=f'<ou-voir {told}>\n  <a href="{escape(page)}">{_LINK[choice.lang]}</a>\n</ou-voir>',
        script=f'<script type="module" src="{address}"\n  integrity="{script.integrity}" crossorigin></script>',
        style=f"ou-voir {{ display: block; box-sizing: border-box; {style} }}",
        policy=f"script-src {site}\nconnect-src {site}",
    )
