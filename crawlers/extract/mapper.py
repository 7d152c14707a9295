"""Map one raw row of a platform to an observation, or to the reason why not. Nothing a platform writes makes it raise."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

from jmespath.exceptions import JMESPathError
from pydantic import BaseModel, ValidationError

from crawlers.extract.expressions import Rule
from crawlers.platform_files.loader import PlatformFile
from crawlers.platform_files.tables import OfferRules
from domain.common.identifiers import parse_identifier
from domain.common.parsing import UnknownWordError
from domain.common.text import clean_text
from domain.common.titles import split_title
from domain.runs.observation import ObservedEntry, ObservedOffer

ModelT = TypeVar("ModelT", bound=BaseModel)
UNREADABLE_ROW = "ligne illisible"
UNREADABLE_VALUE = "valeur illisible"
UNREADABLE_OFFER = "offre illisible"
UNKNOWN_WORD = "mot inconnu"
REFUSED_LINK = "lien écarté"
TOO_MANY_OFFERS = "trop d'offres"
OFFERS_LIMIT = 200
ISSUES_LIMIT = 100
_SPECIAL_RULES = frozenset(["ref", "when", "each"])  # read apart from the plain values


@dataclass(frozen=True)
class Issue:
    """Describe, in French, something that a person may have to act on."""

    kind: str
    message: str
    ref: str = ""


@dataclass
class MappedRow:
    """Hold what became of a row: observed, dropped under a rule, or neither when it cannot be read."""

    observation: ObservedEntry | None = None
    dropped: str | None = None
    issues: list[Issue] = field(default_factory=list)

    @property
    def is_readable(self) -> bool:
        """Tell whether the row was observed or dropped under a rule."""
        return self.observation is not None or self.dropped is not None

    def has_issue(self, kind: str) -> bool:
        """Tell whether an issue of that kind was met."""
        return any(issue.kind == kind for issue in self.issues)


def map_row(platform: PlatformFile, row: object, base_url: str | None) -> MappedRow:
    """Read a row with the rules of its platform. `base_url` completes relative links.

    A row that may have to be dropped, its rule being unreadable on it, is unreadable.
    """
    mapper = _RowMapper(platform, base_url)
    if not isinstance(row, dict):
        mapper.add_issue(UNREADABLE_ROW, "un objet est attendu")
        return MappedRow(issues=mapper.issues)
    for name, rule in platform.drop.items():
        is_dropped = mapper.extract_value(f"règle « {name} »", rule, row)
        if is_dropped:
            return MappedRow(dropped=name, issues=mapper.issues)
        if mapper.issues:
            return MappedRow(issues=mapper.issues)
    return MappedRow(mapper.build_observation(row), issues=mapper.issues)


class _RowMapper:
    """Read the values of one row, and gather the issues met on the way."""

    def __init__(self, platform: PlatformFile, base_url: str | None) -> None:
        self.platform = platform
        self.base_url = base_url or ""
        self.ref = ""
        self.issues: list[Issue] = []

    def add_issue(self, kind: str, message: str) -> None:
        """Add one of the first hundred issues; that a row is unreadable is always told."""
        if len(self.issues) < ISSUES_LIMIT or kind == UNREADABLE_ROW:
            self.issues.append(Issue(kind, message, self.ref))

    def extract_value(self, name: str, rule: Rule, row: Mapping[str, Any]) -> Any:
        """Return the value, or None and an issue when it cannot be read."""
        try:
            return rule.extract_value(row)
        except UnknownWordError as error:
            self.add_issue(UNKNOWN_WORD, f"{name} : {clean_text(str(error))}")
            return error.known
        except JMESPathError as error:
            self.add_issue(UNREADABLE_VALUE, f"{name} : {clean_text(str(error))[:200]}")
        except ValueError as error:
            self.add_issue(UNREADABLE_VALUE, f"{name} : {error}, lu {_quote_value(rule.path.search(row))}")
        return None

    def build_observation(self, row: Mapping[str, Any]) -> ObservedEntry | None:
        """Return the entry that a row describes, or None and an issue when it has no ref or title that can be read."""
        rules = self.platform.fields
        ref = self.extract_value("ref", rules.ref, row)
        if isinstance(ref, str | int) and not isinstance(ref, bool):
            self.ref = clean_text(str(ref))[:200]
        values = self._extract_values(rules, row)
        values["ref"] = self.ref or None
        values["ids"] = dict(self._iter_identifiers(row))
        if "title" in values:
            values["offers"] = tuple(self._build_offers(row, str(values["title"])))
        return self._validate_model(ObservedEntry, values, {"ref", "title"}, UNREADABLE_ROW)

    def _iter_identifiers(self, row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        for scheme, rule in self.platform.fields.ids.items():
            value = self.extract_value(f"ids.{scheme}", rule, row)
            if value is None:
                continue
            identifier = parse_identifier(scheme, str(value))
            if identifier:
                yield scheme, identifier
            else:
                self.add_issue(UNREADABLE_VALUE, f"ids.{scheme} : numéro refusé, lu {_quote_value(value)}")

    def _extract_values(self, rules: BaseModel, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of a table of rules, by name, without those that a row does not give."""
        values: dict[str, Any] = {}
        for name, rule in rules:
            if not isinstance(rule, Rule) or name in _SPECIAL_RULES:
                continue
            value = self.extract_value(name, rule, row)
            if name == "url" and value is not None:
                value = self._resolve_link(value)
            if value is not None:
                values[name] = value
        return values

    def _resolve_link(self, value: object) -> str | None:
        """Return an address of one of the platform's own sites, or None and an issue."""
        try:
            url = urljoin(self.base_url, clean_text(str(value)))
            parts = urlsplit(url)
            if parts.scheme in ("http", "https") and parts.hostname in self.platform.hosts:
                return url
        except ValueError:
            pass
        self.add_issue(REFUSED_LINK, f"adresse hors des sites déclarés : {_quote_value(value, 120)}")
        return None

    def _build_offers(self, row: Mapping[str, Any], title: str) -> list[ObservedOffer]:
        edition = split_title(title).edition
        offers = []
        for rules in self.platform.offers:
            for scope in self._list_offer_scopes(rules, row):
                values = {"edition": edition} | self._extract_values(rules, scope)
                offer = self._validate_model(ObservedOffer, values, {"access"}, UNREADABLE_OFFER)
                if offer is not None:
                    offers.append(offer)
        return offers

    def _list_offer_scopes(self, rules: OfferRules, row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """Return what the rules of an offer are read on: the row, or the row with each of its items under `offer`."""
        if rules.when and not self.extract_value("when", rules.when, row):
            return []
        if rules.each is None:
            return [row]
        items = self.extract_value("each", rules.each, row)
        if not isinstance(items, list):
            return []
        if len(items) > OFFERS_LIMIT:
            self.add_issue(TOO_MANY_OFFERS, f"{len(items)} offres, les {OFFERS_LIMIT} premières sont lues")
        return [{**row, "offer": item} for item in items[:OFFERS_LIMIT]]

    def _validate_model(self, model: type[ModelT], values: dict[str, Any], required: set[str], kind: str) -> ModelT | None:
        """Return the model without its faulty values, each an issue; None when a required one is missing or faulty."""
        try:
            return model.model_validate(values)
        except ValidationError as error:
            faulty_values = {str(fault["loc"][0]): fault["input"] for fault in error.errors()}
        missing = sorted(required & faulty_values.keys())
        if missing:
            self.add_issue(kind, f"{', '.join(missing)} : valeur absente ou refusée")
            return None
        for name, value in faulty_values.items():
            self.add_issue(UNREADABLE_VALUE, f"{name} : valeur refusée {_quote_value(value)}")
        return model.model_validate({name: value for name, value in values.items() if name not in faulty_values})


def _quote_value(value: object, max_length: int = 80) -> str:
    return f"« {clean_text(str(value))[:max_length]} »"
