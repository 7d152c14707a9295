"""Check the `[source]` of a platform file: where a catalogue is, and how it is requested, one table a kind."""

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, InstanceOf, model_validator

from crawlers.extract.expressions import PathRule

RESERVED_HEADERS = frozenset(["user-agent", "authorization", "cookie", "host", "from", "if-none-match", "if-modified-since"])
DROPPED_FILE_PATTERN = re.compile(r"file:[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*")
PAGING_PLACEHOLDERS = {
    "total": "page",
    "next": "page",
    "until_empty": "page",
    "offset": "offset",
    "cursor": "cursor",
    "next_url": None,
}


def _check_source_url(url: str) -> str:
    if DROPPED_FILE_PATTERN.fullmatch(url) and ".." not in url.split("/"):
        return url
    parts = urlsplit(url)
    is_encrypted = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname == "127.0.0.1")
    if not parts.hostname or not is_encrypted:
        raise ValueError("adresse https:// attendue (ou file:dossier/fichier, sous le dossier de dépôt)")
    if parts.username or parts.password:
        raise ValueError("adresse sans identifiant ni mot de passe attendue : source.auth est fait pour cela")
    return url


def _compile_pattern(text: object) -> re.Pattern[str]:
    try:
        return re.compile(str(text))
    except re.error as error:
        raise ValueError(f"expression régulière illisible ({error})") from None


def _check_selectors(paths: dict[str, str]) -> dict[str, str]:
    from cssselect import SelectorError  # with lxml, 8 MB that only the sites of pages need
    from parsel.csstranslator import HTMLTranslator

    for path in paths.values():
        try:
            HTMLTranslator().css_to_xpath(path)
        except SelectorError as error:
            raise ValueError(f"sélecteur CSS illisible « {path} » ({error})") from None
    return paths


def _check_headers(headers: dict[str, str]) -> dict[str, str]:
    for name in headers:
        if name.lower() in RESERVED_HEADERS:
            raise ValueError(f"en-tête réservé : {name}")
    return headers


SourceUrl = Annotated[str, AfterValidator(_check_source_url)]
Headers = Annotated[dict[str, str], AfterValidator(_check_headers)]
StateKind = Literal["next", "flight", "nuxt", "window"]
Pattern = Annotated[InstanceOf[re.Pattern[str]], BeforeValidator(_compile_pattern)]


class StrictTable(BaseModel):
    """Represent a table whose every key is known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Auth(StrictTable):
    """Describe how requests are signed. `secret` is the NAME of an environment variable, never a value; `header` carries it."""

    scheme: Literal["bearer", "basic", "header"]
    secret: str = Field(pattern="^[A-Z][A-Z0-9_]{3,60}$")
    header: str = "Authorization"


class Paging(StrictTable):
    """Describe how the next page is found.

    `total` a number of pages · `next` the next number · `until_empty` an empty page at the end: `{page}` in the request.
    `offset` the number of rows before, by steps of `size`, up to `path` or to an empty page: `{offset}`.
    `cursor` the text that the last answer gave at `path`: `{cursor}`. `next_url` the whole next address, at `path`.
    `stop` ends the reading when it is true of an answer.
    """

    by: Literal["total", "next", "until_empty", "offset", "cursor", "next_url"]
    path: PathRule | None = None
    first: int = Field(default=1, ge=0)
    size: int | None = Field(default=None, ge=1, le=10_000)
    stop: PathRule | None = None

    @model_validator(mode="after")
    def _check_coherence(self) -> "Paging":
        if (self.path is None) and self.by in ("total", "next", "cursor", "next_url"):
            raise ValueError(f"path attendu avec « {self.by} »")
        if self.path is not None and self.by == "until_empty":
            raise ValueError("pas de path avec « until_empty »")
        if (self.size is not None) != (self.by == "offset"):
            raise ValueError("size accompagne « offset », et lui seul")
        return self


class Details(StrictTable):
    """Describe an index that only points to documents: `path` lists addresses, or values that `url` takes as `{item}`."""

    path: PathRule
    url: SourceUrl | None = None

    @model_validator(mode="after")
    def _require_item_placeholder(self) -> "Details":
        if self.url is not None and "{item}" not in self.url:
            raise ValueError("url attend le mot {item}")
        return self


class DocumentSource(StrictTable):
    """Describe whole lists: a feed made for partners, or an API. A `body` means POST. `items` lists the rows of a document.

    `format`: json, csv and xml are read as they are; the others are formats made for partners, whose reader gives rows of
    one shape (`crawlers.formats`). `encoding` and `delimiter` only where a delivery cannot be told apart by itself.
    """

    kind: Literal["feed", "api"]
    url: SourceUrl
    format: Literal["json", "csv", "xml", "media-actions", "gowatchit", "avails"] = "json"
    encoding: Literal["utf-8", "cp1252", "cp850"] | None = None
    delimiter: Literal[",", ";", "\t", "|"] | None = None
    items: PathRule | None = None
    announced: PathRule | None = None
    details: Details | None = None
    pages: Paging | None = None
    body: str | None = None
    headers: Headers = Field(default_factory=dict)
    auth: Auth | None = None

    @model_validator(mode="after")
    def _check_coherence(self) -> "DocumentSource":
        request_text = self.url + (self.body or "")
        placeholder = PAGING_PLACEHOLDERS[self.pages.by] if self.pages else None
        for word in ("page", "offset", "cursor"):
            if (f"{{{word}}}" in request_text) != (word == placeholder):
                raise ValueError(f"la table pages et le mot {{{word}}} dans url ou body vont ensemble")
        if self.format not in ("json", "xml") and (self.items or self.pages or self.announced):
            raise ValueError(f"« {self.format} » est un document entier, aux lignes connues : ni items, ni pages, ni announced")
        if self.format == "csv" and self.details:
            raise ValueError("un CSV est un seul document : pas de details")
        if self.url.startswith("file:") and (self.pages or self.details or self.body or self.headers or self.auth):
            raise ValueError("un fichier déposé est un seul document : ni pages, ni details, ni body, ni headers, ni auth")
        if self.format != "csv" and self.delimiter:
            raise ValueError("delimiter ne va qu'avec « csv »")
        return self


class PageSource(StrictTable):
    """Describe a web site: its sitemap (or robots.txt, which names it), which pages are films, and what is read in each.

    A group named `ref` in `pages` gives the platform's number; without one it is the page's path. The rules read
    {"film": …, "page": {"url", "ref"}, "css": …}. `film` is the schema.org Movie, or with `state` what `film` (a JMESPath)
    finds in the state that a page embeds (`crawlers.extract.embedded_state`: `next` reads `flight` too, on pages without
    `__NEXT_DATA__`); `variable` names that of « window.X = … ». `gone` is the text of a page whose film
    left. A page that did not change is requested again after `reread_days` at most.
    """

    kind: Literal["pages"]
    url: SourceUrl
    pages: Pattern
    sitemaps: Pattern | None = None
    state: StateKind | None = None
    variable: str | None = Field(default=None, pattern=r"^[A-Za-z_$][\w$.]*$")
    film: PathRule | None = None
    gone: str | None = Field(default=None, min_length=5)
    css: Annotated[dict[str, str], AfterValidator(_check_selectors)] = Field(default_factory=dict)
    reread_days: int = Field(default=7, ge=1, le=60)

    @model_validator(mode="after")
    def _check_coherence(self) -> "PageSource":
        if (self.film is None) != (self.state is None):
            raise ValueError("state et film vont ensemble")
        if (self.variable is None) != (self.state != "window"):
            raise ValueError("variable accompagne state = « window », et lui seul")
        return self


class LookupSource(StrictTable):
    """Describe a search made title by title, over our own films: `{title}` in `url`. `budget` titles a run at most.

    Requested first: titles whose last answer did not settle (a film that had an entry was not found, a word was unknown), then
    those never requested, the most popular first, then those requested longest ago. A settled one is requested again after
    `reread_days`, or later when the budget is spent before its turn.
    """

    kind: Literal["lookup"]
    url: SourceUrl
    items: PathRule
    budget: int = Field(default=500, ge=1, le=100_000)
    reread_days: int = Field(default=30, ge=1, le=365)
    headers: Headers = Field(default_factory=dict)
    auth: Auth | None = None

    @model_validator(mode="after")
    def _require_title_placeholder(self) -> "LookupSource":
        if "{title}" not in self.url:
            raise ValueError("url attend le mot {title}")
        return self


class PushSource(StrictTable):
    """Describe a catalogue that the editor posts to us, under the contract of « /editeurs/v1 »: nothing to request or to map."""

    kind: Literal["push"]
