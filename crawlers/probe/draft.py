"""Draft a first platform file for a site that was probed, and preview what it reads. A person checks every line."""

import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from crawlers.addresses import get_url_host
from crawlers.extract.expressions import parse_path
from crawlers.extract.mapper import MappedRow, map_row
from crawlers.formats.sitemaps import is_crawlable_url
from crawlers.platform_files.loader import load_platform
from crawlers.probe.guesses import Row, Rules, RuleText, format_toml, guess_fields, guess_ids, guess_prices, quote_toml
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
hosts = [{hosts}]

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
_FILM_PREFIX = "film."
_HAS_DIGIT = re.compile("[0-9]")
_PREVIEW_ROWS = 3
_SAMPLE_ROWS = 50
_MAX_LINK_HOSTS = 5
_MAX_SLUG_LENGTH = 60


class ProbedFilm(NamedTuple):
    """Hold a film of a page, the page's address, and the state where it was found (None for schema.org data)."""

    url: str
    film: dict[str, Any]
    state: StateSummary | None


class _GuessedRules(NamedTuple):
    """Hold the rules of a draft, by table."""

    fields: Rules
    ids: Rules
    prices: Rules


def make_slug(url: str) -> str:
    """Return a slug for a site: « www.cine-exemple.fr » gives « cine-exemple »."""
    host = get_url_host(url).removeprefix("www.")
    is_address = re.fullmatch(r"[\d.:]+", host) is not None
    name = host if is_address else host.rsplit(".", 1)[0]
    return slugify(name)[:_MAX_SLUG_LENGTH].strip("-") or "essai"


def write_list_draft(report: ProbeReport, source_lines: Iterable[str], rows: list[Row], today: str) -> None:
    """Write in the report the draft of a feed or an API, and its first rows. `source_lines` are those of `[source]`."""
    fields = guess_fields(rows)
    if "ref" not in fields and "title" in fields:
        title_rule = fields["title"]
        fields = {"ref": title_rule[0] if isinstance(title_rule, list) else title_rule, **fields}
    rules = _GuessedRules(fields, guess_ids(rows), guess_prices(rows))
    hosts = _list_link_hosts(fields.get("url"), rows)
    expected_rows = max(1, len(rows) * 4 // 5)
    lines = [*_format_header(report, today, hosts), "", "[source]", *source_lines]
    lines += [*_format_rules(rules), *_format_expect(expected_rows)]
    _store_draft(report, lines, rows)


def _list_link_hosts(rule: RuleText | None, rows: list[Row]) -> list[str]:
    """Return the sites that the links of the rows lead to."""
    if not isinstance(rule, str):
        return []
    path = parse_path(rule)
    hosts: dict[str, None] = {}
    for row in rows[:_SAMPLE_ROWS]:
        link = path.extract_value(row)
        if isinstance(link, str) and is_crawlable_url(link):
            hosts[get_url_host(link)] = None
    return list(hosts)[:_MAX_LINK_HOSTS]


def write_pages_draft(report: ProbeReport, films: list[ProbedFilm], today: str) -> None:
    """Write in the report the draft of a site of pages, and the films as it reads them."""
    pattern = build_pages_pattern([film.url for film in films] + _list_sampled_urls(report, films))
    source_lines = ['kind = "pages"', f"url = {quote_toml(_get_start_url(report))}", f"pages = {quote_toml(pattern)}"]
    lines = [*_format_header(report, today), "", "[source]", *source_lines, *_format_state(films)]
    lines += [*_format_rules(_guess_page_rules(films)), *_format_expect(1), "", "[politeness]", "delay = 2"]
    rows: list[Row] = []
    for url, film, _ in films:
        rows.append({"film": film, "page": {"url": url, "ref": _extract_ref(pattern, url)}, "css": {}})
    _store_draft(report, lines, rows)


def _list_sampled_urls(report: ProbeReport, films: list[ProbedFilm]) -> list[str]:
    """Return the addresses of the last sitemap read, which tell more of the pattern where several pages were films."""
    if len(films) < 2 or not report.sitemaps or report.sitemaps[-1].index:
        return []
    return report.sitemaps[-1].sample


def _get_start_url(report: ProbeReport) -> str:
    if report.sitemaps:
        return report.sitemaps[0].url
    origin = urlsplit(report.url)
    return f"{origin.scheme}://{origin.netloc}/robots.txt"


def _guess_page_rules(films: list[ProbedFilm]) -> _GuessedRules:
    if films[0].state is None:
        return _GuessedRules(dict(_JSON_LD_RULES), {}, {})
    rows = [film.film for film in films if film.state]
    fields = guess_fields(rows, _FILM_PREFIX) | {"ref": "page.ref", "url": "page.url"}
    return _GuessedRules(fields, guess_ids(rows, _FILM_PREFIX), guess_prices(rows, _FILM_PREFIX))


def _format_state(films: list[ProbedFilm]) -> Iterator[str]:
    """Yield where the film is in the state of the pages.

    A site may change from one form of Next.js to the other: where both were seen, both are read.
    """
    state = films[0].state
    if state is None:
        return
    paths = {film.state.kind: film.state.film for film in films if film.state and film.state.film}
    if "next" in paths and "flight" in paths:
        yield 'state = "next"'
        both_paths = f"{paths['next']} || ({paths['flight']})"
        yield f"film = {quote_toml(both_paths)}"
    else:
        yield f"state = {quote_toml(state.kind)}"
        yield f"film = {quote_toml(state.film or '@')}"
    if state.variable:
        yield f"variable = {quote_toml(state.variable)}"


def build_pages_pattern(urls: list[str]) -> str:
    """Return a pattern for addresses that differ by a part of their path: « /film/(?P<ref>[^/?#]+)/?$ »."""
    paths = [urlsplit(url).path.strip("/").split("/") for url in urls]
    similar_paths = [path for path in paths if len(path) == len(paths[0])]
    columns = [set(column) for column in zip(*similar_paths, strict=True)]
    varying = [index for index, values in enumerate(columns) if len(values) > 1] or [len(columns) - 1]
    numbered = [index for index in varying if all(map(_HAS_DIGIT.search, columns[index]))]
    parts = [re.escape(part).replace(r"\-", "-") for part in paths[0]]
    for index in varying:
        parts[index] = "[^/?#]+"
    parts[(numbered or varying[-1:])[0]] = "(?P<ref>[^/?#]+)"
    return f"/{'/'.join(parts)}/?$"


def _extract_ref(pattern: str, url: str) -> str:
    match = re.search(pattern, url)
    if match:
        return match["ref"]
    return urlsplit(url).path


def _format_header(report: ProbeReport, today: str, link_hosts: list[str] | None = None) -> Iterator[str]:
    parts = urlsplit(report.url)
    host = get_url_host(report.url)
    names = [page.og["og:site_name"] for page in report.pages if page.og.get("og:site_name")]
    name = names[0] if names else host
    site = f"{parts.scheme}://{parts.netloc}" if host == "127.0.0.1" else f"https://{host}"
    hosts = ", ".join(map(quote_toml, link_hosts or [host]))
    header = _HEADER_TEMPLATE.format(name=quote_toml(name[:80]), site=quote_toml(site), hosts=hosts, today=today)
    yield header.rstrip()


def _format_rules(rules: _GuessedRules) -> Iterator[str]:
    yield from ("", "[fields]", *format_toml(rules.fields), 'kind = "film"')
    if rules.ids:
        yield from ("", "[fields.ids]", *format_toml(rules.ids))
    for access, price in rules.prices.items():
        yield from ("", "[[offers]] # accès supposé, d'après le nom de la colonne du prix", f'access = "{access}"')
        yield from format_toml({"price_cents": price})
    if not rules.prices:
        yield from ("", "[[offers]] # accès supposé : rien ne le dit", 'access = "subscription"')


def _format_expect(minimum: int) -> Iterator[str]:
    yield from ("", "[expect]", f"min = {minimum}", "fill = {title = 1.0}")


def _store_draft(report: ProbeReport, lines: list[str], rows: list[Row]) -> None:
    """Store the draft and its first rows, read by the program itself, or a note of what keeps it from being loaded."""
    report.draft = "\n".join(lines) + "\n"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{report.slug}.toml"
        path.write_text(report.draft, encoding="utf-8")
        try:
            platform = load_platform(report.slug, path.parent)
        except UserError as error:
            report.notes.append(f"Le fichier proposé est à corriger : {error}")
            return
    for row in rows[:_PREVIEW_ROWS]:
        report.rows.append(_format_mapped_row(map_row(platform, row, platform.site)))


def _format_mapped_row(mapped: MappedRow) -> str:
    summary = "ligne illisible" if mapped.observation is None else _format_observation(mapped.observation)
    issues = [f" [{clean_text(issue.message)[:120]}]" for issue in mapped.issues[:3]]
    return summary + "".join(issues)


def _format_observation(entry: ObservedEntry) -> str:
    facts = [entry.ref, entry.title, str(entry.year or "année ?"), ", ".join(entry.directors) or "réalisation ?"]
    if entry.runtime_min:
        facts.append(f"{entry.runtime_min} min")
    facts += [f"{scheme} {identifier}" for scheme, identifier in entry.ids.items()]
    facts += map(_format_offer, entry.offers)
    if entry.url:
        facts.append(entry.url)
    return " · ".join(facts)


def _format_offer(offer: ObservedOffer) -> str:
    if offer.price_cents is None:
        return offer.access
    euros, cents = divmod(offer.price_cents, 100)
    return f"{offer.access} {euros},{cents:02} €"
