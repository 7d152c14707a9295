"""The tables of a platform file, and what each key means."""

import re
from datetime import date
from typing import Annotated, Literal
from urllib.parse import urlsplit

from cssselect import SelectorError
from parsel.csstranslator import HTMLTranslator
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, InstanceOf, model_validator

from crawlers.expressions import PathRule, Rule, ValueRule, word_parser
from records.identifiers import SCHEMES
from records.vocabulary import Access, Kind, LegalBasis, Quality

OUR_OWN_HEADERS = frozenset(["user-agent", "authorization", "cookie", "host", "from"])


def _source_address(url: str) -> str:
    parts = urlsplit(url)
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname == "127.0.0.1")):
        raise ValueError("adresse https:// attendue")
    if parts.username or parts.password:
        raise ValueError("adresse sans identifiant ni mot de passe attendue : source.auth est fait pour cela")
    return url


def _pattern(text: object) -> re.Pattern[str]:
    try:
        return re.compile(str(text))
    except re.error as error:
        raise ValueError(f"expression régulière illisible ({error})") from None


def _selectors(paths: dict[str, str]) -> dict[str, str]:
    for path in paths.values():
        try:
            HTMLTranslator().css_to_xpath(path)
        except SelectorError as error:
            raise ValueError(f"sélecteur CSS illisible « {path} » ({error})") from None
    return paths


def _plain_headers(headers: dict[str, str]) -> dict[str, str]:
    if taken := [name for name in headers if name.lower() in OUR_OWN_HEADERS]:
        raise ValueError(f"en-tête réservé : {taken[0]}")
    return headers


def _known_schemes(ids: dict[str, Rule]) -> dict[str, Rule]:
    if unknown := sorted(ids.keys() - SCHEMES):
        raise ValueError(f"numéros inconnus : {unknown[0]} (connus : {', '.join(SCHEMES)})")
    return ids


Address = Annotated[str, AfterValidator(_source_address)]
Pattern = Annotated[InstanceOf[re.Pattern[str]], BeforeValidator(_pattern)]
AccessRule = Annotated[InstanceOf[Rule], BeforeValidator(word_parser(Access))]
QualityRule = Annotated[InstanceOf[Rule], BeforeValidator(word_parser(Quality))]
KindRule = Annotated[InstanceOf[Rule], BeforeValidator(word_parser(Kind))]


class Table(BaseModel):
    """A table whose every key is known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Legal(Table):
    """Why the platform may be collected. `contract`: by agreement only; `blocked`: not yet, but in rehearsals."""

    basis: LegalBasis
    evidence: str = Field(min_length=10)
    checked_on: date
    blocked: str | None = None


class Auth(Table):
    """How requests are signed. `secret` is the NAME of an environment variable, never a value; `header` carries it."""

    scheme: Literal["bearer", "basic", "header"]
    secret: str = Field(pattern="^[A-Z][A-Z0-9_]{3,60}$")
    header: str = "Authorization"


class Paging(Table):
    """How the next page is known: a total of pages, the number of the next one, or an empty page at the end."""

    by: Literal["total", "next", "until_empty"]
    path: PathRule | None = None
    first: int = Field(default=1, ge=0)

    @model_validator(mode="after")
    def _path_where_needed(self) -> "Paging":
        if (self.path is None) != (self.by == "until_empty"):
            raise ValueError("path accompagne « total » et « next », et eux seuls")
        return self


class Documents(Table):
    """Whole lists: a feed made for partners, or an API. `{page}` in `url` or `body` is the page's number; a body means POST."""

    kind: Literal["feed", "api"]
    url: Address
    format: Literal["json", "csv"] = "json"
    items: PathRule | None = None
    announced: PathRule | None = None
    pages: Paging | None = None
    body: str | None = None
    headers: Annotated[dict[str, str], AfterValidator(_plain_headers)] = Field(default_factory=dict)
    auth: Auth | None = None

    @model_validator(mode="after")
    def _coherent(self) -> "Documents":
        if (self.pages is None) == ("{page}" in self.url + (self.body or "")):
            raise ValueError("la table pages et le mot {page} dans url ou body vont ensemble")
        if self.format == "csv" and (self.items or self.pages or self.announced):
            raise ValueError("un CSV est un seul document : ni items, ni pages, ni announced")
        return self


class Pages(Table):
    """A web site: its sitemap (or robots.txt, which names it), which pages are films, and values only their HTML holds.

    A group named `ref` in `pages` gives the platform's number; without one it is the page's path.
    """

    kind: Literal["pages"]
    url: Address
    pages: Pattern
    sitemaps: Pattern | None = None
    css: Annotated[dict[str, str], AfterValidator(_selectors)] = Field(default_factory=dict)


class Fields(Table):
    """What to read of a line, under the names of `records.observed.Observed`."""

    ref: ValueRule
    title: ValueRule
    original_title: ValueRule | None = None
    year: ValueRule | None = None
    directors: ValueRule | None = None
    runtime_min: ValueRule | None = None
    countries: ValueRule | None = None
    kind: KindRule | None = None
    url: ValueRule | None = None
    ids: Annotated[dict[str, PathRule], AfterValidator(_known_schemes)] = Field(default_factory=dict)


class OfferRules(Table):
    """What to read of an offer, under the names of `records.observed.ObservedOffer`.

    `when` keeps the offer out of a line; `each` gives one offer per item, which the other rules then call `offer`.
    """

    when: PathRule | None = None
    each: PathRule | None = None
    access: AccessRule
    price_cents: ValueRule | None = None
    currency: ValueRule | None = None
    quality: QualityRule | None = None
    languages: ValueRule | None = None
    audio_description: ValueRule | None = None
    sdh: ValueRule | None = None
    edition: ValueRule | None = None
    starts: ValueRule | None = None
    ends: ValueRule | None = None
    url: ValueRule | None = None


class Politeness(Table):
    """Slower than usual, never faster: seconds between two requests, and the most documents or pages in a run."""

    delay: float = Field(default=1.0, ge=1, le=60)
    cap_pages: int = Field(default=500, ge=1, le=100_000)
