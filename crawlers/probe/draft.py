"""A first platform file for a site that was probed, and what it reads. A person checks every line before it collects."""

import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawlers.extract.expressions import parse_path
from crawlers.extract.mapper import map_row
from crawlers.formats.sitemaps import is_crawlable_url
from crawlers.platform_files.loader import load_platform
from crawlers.probe.guesses import Rules, format_toml, guess_fields, guess_ids, guess_prices, quote_toml
from crawlers.probe.report import ProbeReport, StateSummary
from domain.common.errors import UserError
from domain.common.text import clean_text, slugify
from domain.runs.observation import ObservedEntry, ObservedOffer

_HEADER_TEMPLATE = """# Proposé par « ouvoir probe » : chaque ligne est à relire, et chaque « à compléter » à écrire.
name = {name}
operator = "à compléter"
verified = "sample"
sample = "à-enregistrer"
site = {site}
hosts = [{host}]

[legal]
basis = "contract"
evidence = "à compléter : qui dit que ce service est légal, où, lu quel jour"
checked_on = {today}
blocked_by = "agreement"
blocked = "à compléter : un accord avec ce service est nécessaire"
"""
_JSON_LD_RULES: Rules = {
    "ref": "page.ref",
    "title": ["film.name", "text"],
    "original_title": ["film.alternateName", "text"],
    "year": ["film.dateCreated || film.datePublished || film.copyrightYear", "year_of"],
    "directors": ["film.director[].name", "names"],
    "runtime_min": ["film.duration", "minutes_from_iso"],
    "countries": ["film.countryOfOrigin[].name", "countries"],
    "url": "page.url",
}
_PREVIEW_ROWS = 3
ProbedFilm = tuple[str, dict[str, Any], StateSummary | None]


def make_slug(url: str) -> str:
    """A slug for a site: « www.cine-exemple.fr » gives « cine-exemple »."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    return (slugify(host) if re.fullmatch(r"[\d.:]+", host) else slugify(host.rsplit(".", 1)[0]))[:60].strip("-") or "essai"


def write_list_draft(report: ProbeReport, source: Iterable[str], rows: list[dict[str, Any]], today: str) -> None:
    """Writes in the report the draft of a feed or an API, and its first lines. `source` are lines of `[source]`."""
    fields = guess_fields(rows)
    if "ref" not in fields and "title" in fields:
        fields = {"ref": fields["title"][0] if isinstance(fields["title"], list) else fields["title"], **fields}
    ids, prices = guess_ids(rows), guess_prices(rows)
    tables = [*_format_tables(fields, ids, prices), *_format_expect(max(1, len(rows) * 4 // 5))]
    _store_draft(
        report,
        [*_format_header(report, today, _list_link_hosts(fields.get("url"), rows)), "", "[source]", *source, *tables],
        rows,
    )


def _list_link_hosts(rule: str | list[str] | None, rows: list[dict[str, Any]]) -> list[str]:
    """The sites that the links of the rows lead to."""
    if not isinstance(rule, str):
        return []
    found = (parse_path(rule).extract_value(row) for row in rows[:50])
    hosts = (urlsplit(link).hostname for link in found if isinstance(link, str) and is_crawlable_url(link))
    return list(dict.fromkeys(host for host in hosts if host))[:5]


def write_pages_draft(report: ProbeReport, films: list[ProbedFilm], today: str) -> None:
    """Writes in the report the draft of a site of pages, and the films (address, film, state) as it reads them."""
    listed = [url for sitemap in report.sitemaps[-1:] if not sitemap.index for url in sitemap.sample if len(films) > 1]
    pattern = build_pages_pattern([url for url, _, _ in films] + listed)
    origin = urlsplit(report.url)
    start = report.sitemaps[0].url if report.sitemaps else f"{origin.scheme}://{origin.netloc}/robots.txt"
    source = ['kind = "pages"', f"url = {quote_toml(start)}", f"pages = {quote_toml(pattern)}", *_format_state(films)]
    fields, ids, prices = dict(_JSON_LD_RULES), Rules(), Rules()
    if films[0][2]:
        kept = [film for _, film, state in films if state]
        fields = guess_fields(kept, "film.") | {"ref": "page.ref", "url": "page.url"}
        ids, prices = guess_ids(kept, "film."), guess_prices(kept, "film.")
    tables = [*_format_tables(fields, ids, prices), *_format_expect(1), "", "[politeness]", "delay = 2"]
    rows = [{"film": film, "page": {"url": url, "ref": _extract_ref(pattern, url)}, "css": {}} for url, film, _ in films]
    _store_draft(report, [*_format_header(report, today), "", "[source]", *source, *tables], rows)


def _format_state(films: list[ProbedFilm]) -> Iterator[str]:
    """Where the film stands in the state of the pages. A site may change from one form of Next.js to the other: both are read."""
    paths = {state.kind: state.film for _, _, state in films if state and state.film}
    state = films[0][2]
    if state is None:
        return
    both = "next" in paths and "flight" in paths
    film = f"{paths['next']} || ({paths['flight']})" if both else state.film or "@"
    yield from (f"state = {quote_toml('next' if both else state.kind)}", f"film = {quote_toml(film)}")
    if state.variable:
        yield f"variable = {quote_toml(state.variable)}"


def build_pages_pattern(urls: list[str]) -> str:
    """A pattern for addresses that differ by a part of their path: « /film/(?P<ref>[^/?#]+)/?$ »."""
    paths = [urlsplit(url).path.strip("/").split("/") for url in urls]
    size = len(paths[0])
    columns = list(zip(*(path for path in paths if len(path) == size), strict=True))
    moving = [place for place, parts in enumerate(columns) if len(set(parts)) > 1] or [size - 1]
    numbered = [place for place in moving if all(re.search("[0-9]", part) for part in columns[place])]
    ref = (numbered or moving[-1:])[0]
    written = [re.sub(r"\\-", "-", re.escape(part)) for part in paths[0]]
    for place in moving:
        written[place] = "(?P<ref>[^/?#]+)" if place == ref else "[^/?#]+"
    return f"/{'/'.join(written)}/?$"


def _extract_ref(pattern: str, url: str) -> str:
    found = re.search(pattern, url)
    return found["ref"] if found else urlsplit(url).path


def _format_header(report: ProbeReport, today: str, links: list[str] | None = None) -> Iterator[str]:
    parts = urlsplit(report.url)
    host = parts.hostname or ""
    name = next((page.og["og:site_name"] for page in report.pages if page.og.get("og:site_name")), host)
    site = f"https://{host}" if host != "127.0.0.1" else f"{parts.scheme}://{parts.netloc}"
    yield _HEADER_TEMPLATE.format(
        name=quote_toml(name[:80]), site=quote_toml(site), host=", ".join(map(quote_toml, links or [host])), today=today
    ).rstrip()


def _format_tables(fields: Rules, ids: Rules, prices: Rules) -> Iterator[str]:
    yield from ("", "[fields]", *format_toml(fields), 'kind = "film"')
    if ids:
        yield from ("", "[fields.ids]", *format_toml(ids))
    for access, price in prices.items():
        yield from ("", "[[offers]] # accès supposé, d'après le nom de la colonne du prix", f'access = "{access}"')
        yield from format_toml({"price_cents": price})
    if not prices:
        yield from ("", "[[offers]] # accès supposé : rien ne le dit", 'access = "subscription"')


def _format_expect(minimum: int) -> Iterator[str]:
    yield from ("", "[expect]", f"min = {minimum}", "fill = {title = 1.0}")


def _store_draft(report: ProbeReport, lines: list[str], rows: list[dict[str, Any]]) -> None:
    """Keeps the draft as it is once loaded by the program itself, or says what keeps it from being loaded."""
    report.draft = "\n".join(lines) + "\n"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{report.slug}.toml"
        path.write_text(report.draft, encoding="utf-8")
        try:
            platform = load_platform(report.slug, path.parent)
        except UserError as problem:
            report.notes.append(f"Le fichier proposé est à corriger : {problem}")
            return
    for row in rows[:_PREVIEW_ROWS]:
        mapped = map_row(platform, row, platform.site)
        issues = "".join(f" [{clean_text(issue.message)[:120]}]" for issue in mapped.issues[:3])
        report.rows.append((_format_observation(mapped.observation) if mapped.observation else "ligne illisible") + issues)


def _format_observation(line: ObservedEntry) -> str:
    facts = [str(line.year or "année ?"), ", ".join(line.directors) or "réalisation ?"]
    facts += [f"{line.runtime_min} min"] if line.runtime_min else []
    facts += [f"{scheme} {number}" for scheme, number in line.ids.items()]
    facts += [_format_offer(offer) for offer in line.offers]
    return f"{line.ref} · {line.title} · {' · '.join(facts)}" + (f" · {line.url}" if line.url else "")


def _format_offer(offer: ObservedOffer) -> str:
    price = "" if offer.price_cents is None else f" {offer.price_cents // 100},{offer.price_cents % 100:02} €"
    return f"{offer.access}{price}"
