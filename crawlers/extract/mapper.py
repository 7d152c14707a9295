"""One raw line of a platform made an observation, or the reason why not. Nothing a platform writes can make it raise."""

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
UNKNOWN_WORD = "mot inconnu"
REFUSED_LINK = "lien écarté"
TOO_MANY_OFFERS = "trop d'offres"
OFFERS_LIMIT, ISSUES_LIMIT = 200, 100


@dataclass(frozen=True)
class Issue:
    """Something a person may have to act on, in French."""

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
    """Reads a line with the rules of its platform. `base` is the address that completes relative links.

    A line that may have to be dropped, its rule being unreadable on it, is unreadable.
    """
    reader = _RowMapper(platform, base_url)
    if not isinstance(row, dict):
        reader.add_issue(UNREADABLE_ROW, "un objet est attendu")
        return MappedRow(issues=reader.issues)
    for name, rule in platform.drop.items():
        dropped = reader.extract_value(f"règle « {name} »", rule, row)
        if dropped or reader.issues:
            return MappedRow(dropped=name if dropped else None, issues=reader.issues)
    return MappedRow(reader.build_observation(row), issues=reader.issues)


class _RowMapper:
    def __init__(self, platform: PlatformFile, base_url: str | None) -> None:
        self.platform, self.base, self.ref = platform, base_url, ""
        self.issues: list[Issue] = []

    def add_issue(self, kind: str, message: str) -> None:
        """Adds an issue, of the first hundred; that a line is unreadable is always told."""
        if len(self.issues) < ISSUES_LIMIT or kind == UNREADABLE_ROW:
            self.issues.append(Issue(kind, message, self.ref))

    def extract_value(self, name: str, rule: Rule, row: Mapping[str, Any]) -> Any:
        """The value, or None and an issue when it cannot be read."""
        try:
            return rule.extract_value(row)
        except UnknownWordError as error:
            self.add_issue(UNKNOWN_WORD, f"{name} : {clean_text(str(error))}")
            return error.known
        except JMESPathError as error:
            self.add_issue(UNREADABLE_VALUE, f"{name} : {clean_text(str(error))[:200]}")
        except ValueError as error:
            self.add_issue(UNREADABLE_VALUE, f"{name} : {error}, lu « {clean_text(str(rule.path.search(row)))[:80]} »")
        return None

    def build_observation(self, row: Mapping[str, Any]) -> ObservedEntry | None:
        fields = self.platform.fields
        self.ref = clean_text(_to_text(self.extract_value("ref", fields.ref, row)) or "")[:200]
        facts = self._extract_values(fields, row) | {"ref": self.ref or None}
        facts["ids"] = dict(self._iter_identifiers(row))
        if "title" in facts:
            facts["offers"] = tuple(self._build_offers(row, str(facts["title"])))
        return self._validate_model(ObservedEntry, facts, {"ref", "title"}, UNREADABLE_ROW)

    def _iter_identifiers(self, row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        for scheme, rule in self.platform.fields.ids.items():
            if (written := self.extract_value(f"ids.{scheme}", rule, row)) is None:
                continue
            if number := parse_identifier(scheme, str(written)):
                yield scheme, number
            else:
                self.add_issue(UNREADABLE_VALUE, f"ids.{scheme} : numéro refusé, lu « {clean_text(str(written))[:80]} »")

    def _extract_values(self, rules: BaseModel, row: Mapping[str, Any]) -> dict[str, Any]:
        """The values of a table of rules, by name, without those a line does not give."""
        plain = {name: rule for name, rule in rules if isinstance(rule, Rule) and name not in ("ref", "when", "each")}
        values = {name: self.extract_value(name, rule, row) for name, rule in plain.items()}
        if values.get("url") is not None:
            values["url"] = self._resolve_link(values["url"])
        return {name: value for name, value in values.items() if value is not None}

    def _resolve_link(self, written: object) -> str | None:
        """An address of one of the platform's own sites, or None and an issue."""
        try:
            address = urljoin(self.base or "", clean_text(str(written)))
            parts = urlsplit(address)
            if parts.scheme in ("http", "https") and parts.hostname in self.platform.hosts:
                return address
        except ValueError:
            pass
        self.add_issue(REFUSED_LINK, f"adresse hors des sites déclarés : « {clean_text(str(written))[:120]} »")
        return None

    def _build_offers(self, row: Mapping[str, Any], title: str) -> list[ObservedOffer]:
        found = []
        for rules in self.platform.offers:
            for scope in self._list_offer_scopes(rules, row):
                facts = {"edition": split_title(title).edition} | self._extract_values(rules, scope)
                if offer := self._validate_model(ObservedOffer, facts, {"access"}, "offre illisible"):
                    found.append(offer)
        return found

    def _list_offer_scopes(self, rules: OfferRules, row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        if rules.when and not self.extract_value("when", rules.when, row):
            return []
        if rules.each is None:
            return [row]
        read = self.extract_value("each", rules.each, row)
        items = read if isinstance(read, list) else []
        if len(items) > OFFERS_LIMIT:
            self.add_issue(TOO_MANY_OFFERS, f"{len(items)} offres, les {OFFERS_LIMIT} premières sont lues")
        return [{**row, "offer": item} for item in items[:OFFERS_LIMIT]]

    def _validate_model(self, model: type[ModelT], facts: dict[str, Any], required: set[str], kind: str) -> ModelT | None:
        """The facts that stand, checked; a faulty one is left out with an issue, unless the whole hangs on it."""
        try:
            return model.model_validate(facts)
        except ValidationError as error:
            faulty = {str(fault["loc"][0]): fault["input"] for fault in error.errors()}
        if missing := sorted(required & set(faulty)):
            self.add_issue(kind, f"{', '.join(missing)} : valeur absente ou refusée")
            return None
        for name, value in faulty.items():
            self.add_issue(UNREADABLE_VALUE, f"{name} : valeur refusée « {clean_text(str(value))[:80]} »")
        return model.model_validate({name: value for name, value in facts.items() if name not in faulty})


def _to_text(value: object) -> str | None:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
