"""Represent what a probe found of a site."""

from pydantic import BaseModel


class RobotsSummary(BaseModel):
    """Hold what the robots.txt of a host says; `ours` and `everyone` tell whether the address is allowed, None when unread."""

    host: str
    size: int = 0
    ours: bool | None = None
    everyone: bool | None = None
    delay: float = 0.0
    refusal: str | None = None
    sitemaps: list[str] = []


class SitemapSummary(BaseModel):
    """Hold how many addresses a sitemap lists, and some of them."""

    url: str
    index: bool
    entries: int
    dated: int = 0
    sample: list[str] = []


class StateSummary(BaseModel):
    """Hold the kind of a state embedded in a page (next, flight, nuxt or window), and where its most film-like object is."""

    kind: str
    variable: str | None = None
    film: str | None = None
    keys: list[str] = []


class PageSummary(BaseModel):
    """Hold what describes a film in a page of HTML."""

    url: str
    title: str = ""
    og: dict[str, str] = {}
    json_ld: dict[str, int] = {}
    microdata: dict[str, int] = {}
    film: bool = False
    broken: int = 0
    states: list[StateSummary] = []


class ListSummary(BaseModel):
    """Hold the format of a document of data, where its longest list of objects is, its columns, and hints of its paging."""

    url: str
    format: str
    path: str | None = None
    rows: int = 0
    columns: list[str] = []
    hints: list[str] = []


class ProbeReport(BaseModel):
    """Hold all that a probe found. `rows` are the first rows as the draft maps them; `draft` is a platform file."""

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
