"""Render the report of a probe as French lines that a person reads."""

from crawlers.probe.report import ListSummary, PageSummary, ProbeReport, RobotsSummary, SitemapSummary, StateSummary
from domain.common.text import clean_text, format_count

_ALLOWANCE_WORDS = {None: "inconnu", True: "permise", False: "interdite"}
_SITEMAPS_SHOWN = 5
_COLUMNS_SHOWN = 40
_STATE_KEYS_SHOWN = 12
_MAX_TEXT_LENGTH = 200


def render_report(report: ProbeReport) -> str:
    """Return the report as text, the draft platform file at the end."""
    lines = [f"Sonde de {clean_text(report.url)}", "", *_format_robots(report.robots), _format_reservation(report)]
    lines += [f"Refus ou échec : {clean_text(message)}" for message in report.refused]
    lines += map(clean_text, report.notes)
    for sitemap in report.sitemaps:
        lines += ["", *_format_sitemap(sitemap)]
    for page in report.pages:
        lines += ["", *_format_page(page)]
    for document in report.lists:
        lines += ["", *_format_list(document)]
    lines += ["", *_format_draft(report)]
    return "\n".join(lines)


def _format_draft(report: ProbeReport) -> list[str]:
    if not report.draft:
        return ["Aucun fichier proposé : rien qui ressemble à un catalogue n'a été lu."]
    return [
        f"Fichier proposé ({report.slug}.toml), à relire ligne à ligne :",
        "",
        report.draft.rstrip(),
        "",
        "Premières lignes, lues par ce fichier :",
        *(f"  {row}" for row in report.rows or ["aucune"]),
    ]


def _format_robots(robots: RobotsSummary | None) -> list[str]:
    if robots is None:
        return ["robots.txt : pas lu"]
    size = f"{robots.size} octets" if robots.size else "absent"
    ours = _ALLOWANCE_WORDS[robots.ours]
    everyone = _ALLOWANCE_WORDS[robots.everyone]
    delay = f"{robots.delay:g} s entre deux demandes" if robots.delay else "aucun"
    lines = [
        f"robots.txt de {clean_text(robots.host)} : {size}",
        f"  cette adresse : {ours} pour OuVoir, {everyone} pour tous (*)",
        f"  délai demandé : {delay}",
    ]
    if robots.refusal:
        lines.append(f"  À LIRE, refus possible en toutes lettres : « {clean_text(robots.refusal)} »")
    sitemaps = ", ".join(map(clean_text, robots.sitemaps[:_SITEMAPS_SHOWN]))
    return [*lines, f"  plans de site annoncés : {sitemaps or 'aucun'}"]


def _format_reservation(report: ProbeReport) -> str:
    if report.reserved:
        finding = clean_text(report.reserved)
    elif report.pages or report.lists or report.sitemaps:
        finding = "aucune vue (tdmrep.json, en-tête, balise meta)"
    else:
        finding = "rien n'a pu être lu qui le dise"
    return f"Réservation de fouille de textes et de données : {finding}"


def _format_sitemap(sitemap: SitemapSummary) -> list[str]:
    kind = "Index de plans" if sitemap.index else "Plan de site"
    count = format_count(sitemap.entries, "adresse")
    title = f"{kind} {clean_text(sitemap.url)} : {count}, dont {sitemap.dated} avec leur date de changement"
    return [title, *(f"  {clean_text(url)}" for url in sitemap.sample)]


def _format_page(page: PageSummary) -> list[str]:
    lines = [f"Page {clean_text(page.url)}", f"  titre : {_shorten(page.title) or 'aucun'}"]
    lines += [f"  {name} : {_shorten(value)}" for name, value in page.og.items()]
    lines.append(f"  JSON-LD : {_format_types(page.json_ld)}")
    lines.append(f"  microdonnées : {_format_types(page.microdata)}")
    lines.append(f"  film schema.org : {'trouvé' if page.film else 'non'}")
    if page.broken:
        lines.append(f"  {format_count(page.broken, 'bloc')} de données illisibles")
    lines += map(_format_state, page.states)
    return lines


def _shorten(text: str) -> str:
    return clean_text(text)[:_MAX_TEXT_LENGTH]


def _format_types(types: dict[str, int]) -> str:
    counts = [f"{clean_text(name)} ×{count}" for name, count in types.items()]
    return ", ".join(counts) or "aucune donnée"


def _format_state(state: StateSummary) -> str:
    variable = f" « {state.variable} »" if state.variable else ""
    location = ""
    if state.film:
        keys = ", ".join(state.keys[:_STATE_KEYS_SHOWN])
        location = f", objet le plus proche d'un film : {state.film} ({keys})"
    return f"  état embarqué : {state.kind}{variable}{clean_text(location)}"


def _format_list(document: ListSummary) -> list[str]:
    if document.path:
        location = f"la liste « {clean_text(document.path)} »"
    else:
        location = "à la racine" if document.rows else "aucune liste d'objets"
    lines = [f"Document {document.format} {clean_text(document.url)} : {location}, {format_count(document.rows, 'ligne')}"]
    if document.columns:
        lines.append(f"  colonnes : {', '.join(map(clean_text, document.columns[:_COLUMNS_SHOWN]))}")
    return [*lines, *(f"  {clean_text(hint)}" for hint in document.hints)]
