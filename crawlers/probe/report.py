"""What a probe found of a site, and how it is told to a person."""

from pydantic import BaseModel

from domain.common.text import clean_text, format_count


class RobotsSummary(BaseModel):
    """What the robots.txt of a host says: None where it could not be read."""

    host: str
    size: int = 0
    ours: bool | None = None
    everyone: bool | None = None
    delay: float = 0.0
    refusal: str | None = None
    sitemaps: list[str] = []


class SitemapSummary(BaseModel):
    """A sitemap: how many addresses it lists, and some of them."""

    url: str
    index: bool
    entries: int
    dated: int = 0
    sample: list[str] = []


class StateSummary(BaseModel):
    """A state embedded in a page: next, flight, nuxt or window, and where its most film-like object stands."""

    kind: str
    variable: str | None = None
    film: str | None = None
    keys: list[str] = []


class PageSummary(BaseModel):
    """A page of HTML: what describes a film there."""

    url: str
    title: str = ""
    og: dict[str, str] = {}
    json_ld: dict[str, int] = {}
    microdata: dict[str, int] = {}
    film: bool = False
    broken: int = 0
    states: list[StateSummary] = []


class ListSummary(BaseModel):
    """A document of data: its format, where its longest list of objects stands, its columns, and what may lead further."""

    url: str
    format: str
    path: str | None = None
    rows: int = 0
    columns: list[str] = []
    hints: list[str] = []


class ProbeReport(BaseModel):
    """All that a probe found. `rows` are the first lines as the draft maps them; `draft` is a platform file."""

    url: str
    slug: str = "essai"
    robots: RobotsSummary | None = None
    reserved: str | None = None
    refused: list[str] = []
    notes: list[str] = []
    sitemaps: list[SitemapSummary] = []
    pages: list[PageSummary] = []
    lists: list[ListSummary] = []
    draft: str | None = None
    rows: list[str] = []


def render_report(report: ProbeReport) -> str:
    """The report as lines that a person reads, the draft platform file at the end."""
    lines = [f"Sonde de {clean_text(report.url)}", "", *_format_robots(report), *_format_reservation(report)]
    lines += [f"Refus ou échec : {clean_text(said)}" for said in report.refused]
    lines += [clean_text(said) for said in report.notes]
    for sitemap in report.sitemaps:
        lines += ["", *_format_sitemap(sitemap)]
    for page in report.pages:
        lines += ["", *_format_page(page)]
    for seen in report.lists:
        lines += ["", *_format_list(seen)]
    if report.draft:
        lines += ["", f"Fichier proposé ({report.slug}.toml), à relire ligne à ligne :", "", report.draft.rstrip()]
        lines += ["", "Premières lignes, lues par ce fichier :", *(f"  {row}" for row in report.rows or ["aucune"])]
    else:
        lines += ["", "Aucun fichier proposé : rien qui ressemble à un catalogue n'a été lu."]
    return "\n".join(lines)


def _format_robots(report: ProbeReport) -> list[str]:
    seen = report.robots
    if seen is None:
        return ["robots.txt : pas lu"]
    words = {None: "inconnu", True: "permise", False: "interdite"}
    lines = [f"robots.txt de {clean_text(seen.host)} : {f'{seen.size} octets' if seen.size else 'absent'}"]
    lines += [f"  cette adresse : {words[seen.ours]} pour OuVoir, {words[seen.everyone]} pour tous (*)"]
    lines += [f"  délai demandé : {seen.delay:g} s entre deux demandes" if seen.delay else "  délai demandé : aucun"]
    if seen.refusal:
        lines += [f"  À LIRE, refus possible en toutes lettres : « {clean_text(seen.refusal)} »"]
    shown = ", ".join(clean_text(url) for url in seen.sitemaps[:5]) or "aucun"
    return [*lines, f"  plans de site annoncés : {shown}"]


def _format_reservation(report: ProbeReport) -> list[str]:
    read = report.pages or report.lists or report.sitemaps
    unseen = "aucune vue (tdmrep.json, en-tête, balise meta)" if read else "rien n'a pu être lu qui le dise"
    return [f"Réservation de fouille de textes et de données : {clean_text(report.reserved) if report.reserved else unseen}"]


def _format_sitemap(seen: SitemapSummary) -> list[str]:
    kind = "Index de plans" if seen.index else "Plan de site"
    head = (
        f"{kind} {clean_text(seen.url)} : {format_count(seen.entries, 'adresse')}, dont {seen.dated} avec leur date de changement"
    )
    return [head, *(f"  {clean_text(url)}" for url in seen.sample)]


def _format_page(seen: PageSummary) -> list[str]:
    lines = [f"Page {clean_text(seen.url)}", f"  titre : {clean_text(seen.title)[:200] or 'aucun'}"]
    lines += [f"  {name} : {clean_text(value)[:200]}" for name, value in seen.og.items()]
    for name, kinds in (("JSON-LD", seen.json_ld), ("microdonnées", seen.microdata)):
        told = ", ".join(f"{clean_text(kind)} ×{count}" for kind, count in kinds.items()) or "aucune donnée"
        lines.append(f"  {name} : {told}")
    lines.append(f"  film schema.org : {'trouvé' if seen.film else 'non'}")
    if seen.broken:
        lines.append(f"  {format_count(seen.broken, 'bloc')} de données illisibles")
    for state in seen.states:
        where = f", objet le plus proche d'un film : {state.film} ({', '.join(state.keys[:12])})" if state.film else ""
        lines.append(f"  état embarqué : {state.kind}{f' « {state.variable} »' if state.variable else ''}{clean_text(where)}")
    return lines


def _format_list(seen: ListSummary) -> list[str]:
    where = f"la liste « {clean_text(seen.path)} »" if seen.path else "à la racine" if seen.rows else "aucune liste d'objets"
    lines = [f"Document {seen.format} {clean_text(seen.url)} : {where}, {format_count(seen.rows, 'ligne')}"]
    lines += [f"  colonnes : {', '.join(clean_text(name) for name in seen.columns[:40])}"] if seen.columns else []
    return [*lines, *(f"  {clean_text(hint)}" for hint in seen.hints)]
