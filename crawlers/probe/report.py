"""What a probe found of a site, and how it is told to a person."""

from pydantic import BaseModel

from domain.common.text import clean, counted


class RobotsSeen(BaseModel):
    """What the robots.txt of a host says: None where it could not be read."""

    host: str
    size: int = 0
    ours: bool | None = None
    everyone: bool | None = None
    delay: float = 0.0
    refusal: str | None = None
    sitemaps: list[str] = []


class SitemapSeen(BaseModel):
    """A sitemap: how many addresses it lists, and some of them."""

    url: str
    index: bool
    entries: int
    dated: int = 0
    sample: list[str] = []


class StateSeen(BaseModel):
    """A state embedded in a page: next, flight, nuxt or window, and where its most film-like object stands."""

    kind: str
    variable: str | None = None
    film: str | None = None
    keys: list[str] = []


class PageSeen(BaseModel):
    """A page of HTML: what describes a film there."""

    url: str
    title: str = ""
    og: dict[str, str] = {}
    json_ld: dict[str, int] = {}
    microdata: dict[str, int] = {}
    film: bool = False
    broken: int = 0
    states: list[StateSeen] = []


class ListSeen(BaseModel):
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
    robots: RobotsSeen | None = None
    reserved: str | None = None
    refused: list[str] = []
    notes: list[str] = []
    sitemaps: list[SitemapSeen] = []
    pages: list[PageSeen] = []
    lists: list[ListSeen] = []
    draft: str | None = None
    rows: list[str] = []


def render(report: ProbeReport) -> str:
    """The report as lines that a person reads, the draft platform file at the end."""
    lines = [f"Sonde de {clean(report.url)}", "", *_robots(report), *_reservation(report)]
    lines += [f"Refus ou échec : {clean(said)}" for said in report.refused]
    lines += [clean(said) for said in report.notes]
    for sitemap in report.sitemaps:
        lines += ["", *_sitemap(sitemap)]
    for page in report.pages:
        lines += ["", *_page(page)]
    for seen in report.lists:
        lines += ["", *_list(seen)]
    if report.draft:
        lines += ["", f"Fichier proposé ({report.slug}.toml), à relire ligne à ligne :", "", report.draft.rstrip()]
        lines += ["", "Premières lignes, lues par ce fichier :", *(f"  {row}" for row in report.rows or ["aucune"])]
    else:
        lines += ["", "Aucun fichier proposé : rien qui ressemble à un catalogue n'a été lu."]
    return "\n".join(lines)


def _robots(report: ProbeReport) -> list[str]:
    seen = report.robots
    if seen is None:
        return ["robots.txt : pas lu"]
    words = {None: "inconnu", True: "permise", False: "interdite"}
    lines = [f"robots.txt de {clean(seen.host)} : {f'{seen.size} octets' if seen.size else 'absent'}"]
    lines += [f"  cette adresse : {words[seen.ours]} pour OuVoir, {words[seen.everyone]} pour tous (*)"]
    lines += [f"  délai demandé : {seen.delay:g} s entre deux demandes" if seen.delay else "  délai demandé : aucun"]
    if seen.refusal:
        lines += [f"  À LIRE, refus possible en toutes lettres : « {clean(seen.refusal)} »"]
    shown = ", ".join(clean(url) for url in seen.sitemaps[:5]) or "aucun"
    return [*lines, f"  plans de site annoncés : {shown}"]


def _reservation(report: ProbeReport) -> list[str]:
    read = report.pages or report.lists or report.sitemaps
    unseen = "aucune vue (tdmrep.json, en-tête, balise meta)" if read else "rien n'a pu être lu qui le dise"
    return [f"Réservation de fouille de textes et de données : {clean(report.reserved) if report.reserved else unseen}"]


def _sitemap(seen: SitemapSeen) -> list[str]:
    kind = "Index de plans" if seen.index else "Plan de site"
    head = f"{kind} {clean(seen.url)} : {counted(seen.entries, 'adresse')}, dont {seen.dated} avec leur date de changement"
    return [head, *(f"  {clean(url)}" for url in seen.sample)]


def _page(seen: PageSeen) -> list[str]:
    lines = [f"Page {clean(seen.url)}", f"  titre : {clean(seen.title)[:200] or 'aucun'}"]
    lines += [f"  {name} : {clean(value)[:200]}" for name, value in seen.og.items()]
    for name, kinds in (("JSON-LD", seen.json_ld), ("microdonnées", seen.microdata)):
        told = ", ".join(f"{clean(kind)} ×{count}" for kind, count in kinds.items()) or "aucune donnée"
        lines.append(f"  {name} : {told}")
    lines.append(f"  film schema.org : {'trouvé' if seen.film else 'non'}")
    if seen.broken:
        lines.append(f"  {counted(seen.broken, 'bloc')} de données illisibles")
    for state in seen.states:
        where = f", objet le plus proche d'un film : {state.film} ({', '.join(state.keys[:12])})" if state.film else ""
        lines.append(f"  état embarqué : {state.kind}{f' « {state.variable} »' if state.variable else ''}{clean(where)}")
    return lines


def _list(seen: ListSeen) -> list[str]:
    where = f"la liste « {clean(seen.path)} »" if seen.path else "à la racine" if seen.rows else "aucune liste d'objets"
    lines = [f"Document {seen.format} {clean(seen.url)} : {where}, {counted(seen.rows, 'ligne')}"]
    lines += [f"  colonnes : {', '.join(clean(name) for name in seen.columns[:40])}"] if seen.columns else []
    return [*lines, *(f"  {clean(hint)}" for hint in seen.hints)]
