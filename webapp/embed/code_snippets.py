"""What a partner chose, and the code that says it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from flask import request, url_for
from sqlmodel import Session, col, select

from domain.common.enums import Access
from domain.common.identifiers import ALL_SCHEMES
from domain.common.text import clean_text
from domain.models.film import Film, FilmIdentifier
from webapp.core.context import RequestError
from webapp.core.i18n import ENGLISH, FRENCH, get_language, gettext, strip_language_prefix
from webapp.embed.frame import THEMES
from webapp.embed.releases import get_latest_script

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
HEIGHTS, _PADDING = {"normal": 18, "small": 10}, 1
FORMS, LABELS, HOST_THEME = ("element", "frame"), ("price", "access", "none"), ""
HEADINGS, MAX_EMPTY_LENGTH = ("3", "2", "4", "5", "6"), 200
_FRAME_STYLE = "iframe.ou-voir { width: 100%; max-width: 600px; border: 0; }"
_LINK_TEXT = {FRENCH: "Où voir ce film légalement", ENGLISH: "Where to watch this film legally"}
_FRAME_TITLE = {FRENCH: "Où voir {} légalement", ENGLISH: "Where to watch {} legally"}


@dataclass(frozen=True)
class EmbedOptions:
    """What the form says; `reference` is how the film is named, `wished` the identifier asked for that it does not have.

    `services` are slugs (none: all), `empty` what is said when nothing is shown, `heading` the level of the titles.
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
        """Whether something was chosen that a frame does not take."""
        element_only = (self.accesses, self.services, self.empty, self.size != "normal", self.label != LABELS[0])
        return self.form == "frame" and any((*element_only, self.heading != HEADINGS[0]))


@dataclass(frozen=True)
class EmbedCode:
    """What is to be copied: the block, what to add to the site's policy and style sheet, then the script of an element,
    or for a frame the line that lets its links open in WordPress.
    """

    block: str
    policy: str
    style: str
    script: str = ""
    wordpress: str = ""


def list_references(session: Session, film_id: int) -> dict[str, str]:
    """How a film may be named, by scheme: « 12 », « imdb:tt0060474 »."""
    asked = select(FilmIdentifier.scheme, FilmIdentifier.value).where(FilmIdentifier.film_id == film_id)
    known = {scheme: f"{scheme}:{value}" for scheme, value in session.exec(asked.order_by(col(FilmIdentifier.id).desc()))}
    return {OWN_SCHEME: str(film_id)} | {scheme: known[scheme] for scheme in ALL_SCHEMES if scheme in known}


def read_embed_options(references: dict[str, str], site: str | None, services: tuple[str, ...]) -> EmbedOptions:
    """The choice told by the address of the page. Raises Refusal on a value that the form does not offer."""
    scheme = _read_option("identifiant", tuple(SCHEME_NAMES))
    accesses = request.args.getlist("access")
    for access in accesses:
        _check_option("access", access, tuple(Access))
    return EmbedOptions(
        form=_read_option("forme", FORMS),
        reference=references.get(scheme, references[OWN_SCHEME]),
        scheme=scheme if scheme in references else OWN_SCHEME,
        missing_scheme=None if scheme in references else SCHEME_NAMES[scheme],
        theme=_read_option("theme", (HOST_THEME, *THEMES)),
        size=_read_option("size", tuple(HEIGHTS)),
        label=_read_option("label", LABELS),
        accesses=tuple(access for access in Access if access in accesses),
        lang=_check_option("lang", request.args.get("lang") or get_language(), (FRENCH, ENGLISH)),
        site=site,
        services=services,
        empty=_read_empty_message(),
        heading=_read_option("heading", HEADINGS),
    )


def _read_empty_message() -> str:
    told = clean_text(request.args.get("empty", ""))
    if len(told) > MAX_EMPTY_LENGTH:
        raise RequestError(gettext("Le message est limité à %(most)s caractères.") % {"most": MAX_EMPTY_LENGTH})
    return told


def _read_option(name: str, known: Sequence[str]) -> str:
    return _check_option(name, request.args.get(name, known[0]), known)


def _check_option(name: str, value: str, known: Sequence[str]) -> str:
    if value not in known:
        told = {"name": name, "known": ", ".join(word for word in known if word)}
        raise RequestError(gettext("Paramètre « %(name)s » : attendu l’un de %(known)s.") % told)
    return value


def build_attributes(options: EmbedOptions) -> dict[str, str]:
    """The attributes of the element; what goes without saying is left out."""
    told = {
        "film": options.reference,
        "lang": options.lang,
        "theme": options.theme,
        "size": options.size if options.size != "normal" else "",
        "label": options.label if options.label != LABELS[0] else "",
        "access": " ".join(options.accesses),
        "services": " ".join(options.services),
        "empty": options.empty,
        "heading": options.heading if options.heading != HEADINGS[0] else "",
    }
    return {name: value for name, value in told.items() if value}


def build_frame_url(options: EmbedOptions) -> str:
    """The address of the frame, on this site."""
    scheme, _, value = options.reference.rpartition(":")
    named = {"scheme": scheme, "value": value} if scheme else {"film_id": int(value)}
    theme = options.theme if options.theme not in (HOST_THEME, THEMES[0]) else None
    address = strip_language_prefix(url_for("widget.frame", **named, theme=theme, par=options.site))
    outside = (request.script_root or "").removesuffix(f"/{ENGLISH}")
    return address if options.lang == FRENCH else f"{outside}/{ENGLISH}{address.removeprefix(outside)}"


def build_embed_code(options: EmbedOptions, film: Film) -> EmbedCode:
    """The code of a choice, for a film."""
    site = request.host_url.rstrip("/")
    if options.form == "frame":
        title = _FRAME_TITLE[options.lang].format(film.title)
        # No inline style: a strict policy forbids it. Narrow enough for a telephone until a style sheet says otherwise.
        block = (
            f'<iframe class="ou-voir" src="{escape(site + build_frame_url(options))}" title="{escape(title)}"\n'
            '  width="300" height="420" loading="lazy" sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>'
        )
        provider = f"wp_oembed_add_provider('#{re.escape(site)}/(en/)?films/.*#', '{site}/oembed', true);"
        return EmbedCode(block, f"frame-src {site}", style=_FRAME_STYLE, wordpress=provider)
    script = get_latest_script()
    address = site + strip_language_prefix(url_for("widget.show_script_version", version=script.version))
    page = site + strip_language_prefix(url_for("films.show_film", film_id=film.id, slug=film.slug))
    told = " ".join(f'{name}="{escape(value)}"' for name, value in build_attributes(options).items())
    padding = _PADDING if options.theme else 0
    style = f"height: {HEIGHTS[options.size] + 2 * padding}em;" + (f" padding: {padding}em;" if padding else "")
    return EmbedCode(
        block=f'<ou-voir {told}>\n  <a href="{escape(page)}">{_LINK_TEXT[options.lang]}</a>\n</ou-voir>',
        script=f'<script type="module" src="{address}"\n  integrity="{script.integrity}" crossorigin></script>',
        style=f"ou-voir {{ display: block; box-sizing: border-box; {style} }}",
        policy=f"script-src {site}\nconnect-src {site}",
    )
