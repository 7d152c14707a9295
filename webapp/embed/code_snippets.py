"""Write the code that shows a film's block on a partner's site."""

import re
from dataclasses import dataclass
from html import escape

from flask import request, url_for

from domain.models.film import Film
from webapp.core.i18n import ENGLISH, FRENCH, strip_language_prefix
from webapp.embed.frame import THEMES
from webapp.embed.options import HEADINGS, HOST_THEME, LABELS, SIZES, EmbedOptions
from webapp.embed.releases import get_latest_script

_HEIGHTS = {"normal": 18, "small": 10}  # em
_PADDING = 1  # em
assert tuple(_HEIGHTS) == SIZES
_FRAME_STYLE = "iframe.ou-voir { width: 100%; max-width: 600px; border: 0; }"
_LINK_TEXT = {FRENCH: "Où voir ce film légalement", ENGLISH: "Where to watch this film legally"}
_FRAME_TITLE = {FRENCH: "Où voir {} légalement", ENGLISH: "Where to watch {} legally"}


@dataclass(frozen=True)
class EmbedCode:
    """Hold what is to be copied: the block, what to add to the site's policy and style sheet.

    An element needs the script too; in WordPress, a frame needs a line that lets its links open.
    """

    block: str
    policy: str
    style: str
    script: str = ""
    wordpress: str = ""


def build_attributes(options: EmbedOptions) -> dict[str, str]:
    """Return the attributes of the element; default values are left out."""
    attributes = {
        "film": options.reference,
        "lang": options.lang,
        "theme": options.theme,
        "size": _omit_default(options.size, SIZES[0]),
        "label": _omit_default(options.label, LABELS[0]),
        "access": " ".join(options.accesses),
        "services": " ".join(options.services),
        "empty": options.empty,
        "heading": _omit_default(options.heading, HEADINGS[0]),
    }
    return {name: value for name, value in attributes.items() if value}


def _omit_default(value: str, default: str) -> str:
    return "" if value == default else value


def build_frame_url(options: EmbedOptions) -> str:
    """Return the address of the frame, on this site."""
    scheme, _, value = options.reference.rpartition(":")
    view_args = {"scheme": scheme, "value": value} if scheme else {"film_id": int(value)}
    theme = options.theme if options.theme not in (HOST_THEME, THEMES[0]) else None
    address = strip_language_prefix(url_for("widget.frame", **view_args, theme=theme, par=options.site))
    if options.lang == FRENCH:
        return address
    root = (request.script_root or "").removesuffix(f"/{ENGLISH}")
    return f"{root}/{ENGLISH}{address.removeprefix(root)}"


def build_embed_code(options: EmbedOptions, film: Film) -> EmbedCode:
    """Return the code of a partner's options, for a film."""
    site = request.host_url.rstrip("/")
    if options.form == "frame":
        return _build_frame_code(options, film, site)
    return _build_element_code(options, film, site)


def _build_frame_code(options: EmbedOptions, film: Film, site: str) -> EmbedCode:
    title = _FRAME_TITLE[options.lang].format(film.title)
    # No inline style: a strict policy forbids it. Narrow enough for a telephone until a style sheet says otherwise.
    block = (
        f'<iframe class="ou-voir" src="{escape(site + build_frame_url(options))}" title="{escape(title)}"\n'
        '  width="300" height="420" loading="lazy" sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>'
    )
    provider = f"wp_oembed_add_provider('#{re.escape(site)}/(en/)?films/.*#', '{site}/oembed', true);"
    return EmbedCode(block, f"frame-src {site}", style=_FRAME_STYLE, wordpress=provider)


def _build_element_code(options: EmbedOptions, film: Film, site: str) -> EmbedCode:
    script = get_latest_script()
    script_url = site + strip_language_prefix(url_for("widget.show_script_version", version=script.version))
    film_url = site + strip_language_prefix(url_for("films.show_film", film_id=film.id, slug=film.slug))
    attributes = " ".join(f'{name}="{escape(value)}"' for name, value in build_attributes(options).items())
    return EmbedCode(
        block=f'<ou-voir {attributes}>\n  <a href="{escape(film_url)}">{_LINK_TEXT[options.lang]}</a>\n</ou-voir>',
        script=f'<script type="module" src="{script_url}"\n  integrity="{script.integrity}" crossorigin></script>',
        style=_build_element_style(options),
        policy=f"script-src {site}\nconnect-src {site}",
    )


def _build_element_style(options: EmbedOptions) -> str:
    """Return the style that keeps the page still while the element loads; one with colours of its own has a padding."""
    if options.theme == HOST_THEME:
        size = f"height: {_HEIGHTS[options.size]}em;"
    else:
        size = f"height: {_HEIGHTS[options.size] + 2 * _PADDING}em; padding: {_PADDING}em;"
    return f"ou-voir {{ display: block; box-sizing: border-box; {size} }}"
