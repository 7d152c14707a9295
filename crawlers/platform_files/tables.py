"""Check the tables of a platform file apart from its source."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, InstanceOf, model_validator

from crawlers.extract.expressions import PathRule, Rule, ValueRule, build_word_parser
from crawlers.platform_files.sources import StrictTable
from domain.common.enums import Access, Blocker, Kind, LegalBasis, Quality
from domain.common.identifiers import SCHEMES

NIGHT_PATTERN = r"^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$"


def _check_known_schemes(ids: dict[str, Rule]) -> dict[str, Rule]:
    unknown_schemes = sorted(ids.keys() - SCHEMES)
    if unknown_schemes:
        raise ValueError(f"numéros inconnus : {unknown_schemes[0]} (connus : {', '.join(SCHEMES)})")
    return ids


AccessRule = Annotated[InstanceOf[Rule], BeforeValidator(build_word_parser(Access))]
QualityRule = Annotated[InstanceOf[Rule], BeforeValidator(build_word_parser(Quality))]
KindRule = Annotated[InstanceOf[Rule], BeforeValidator(build_word_parser(Kind))]


class Legal(StrictTable):
    """Describe why the platform may be collected. `doubt` is what remains unsure of the evidence.

    `blocked_by` is what keeps it from being collected today, and `blocked` says it in French; rehearsals stay allowed.
    """

    basis: LegalBasis
    evidence: str = Field(min_length=10)
    checked_on: date
    doubt: str | None = None
    blocked_by: Blocker | None = None
    blocked: str | None = None

    @model_validator(mode="after")
    def _require_both_or_neither(self) -> "Legal":
        if (self.blocked_by is None) != (self.blocked is None):
            raise ValueError("blocked_by (le motif) et blocked (la phrase) vont ensemble")
        return self


class FieldRules(StrictTable):
    """Hold what to read of a row, under the names of `domain.runs.observation.ObservedEntry`."""

    ref: ValueRule
    title: ValueRule
    original_title: ValueRule | None = None
    year: ValueRule | None = None
    directors: ValueRule | None = None
    runtime_min: ValueRule | None = None
    countries: ValueRule | None = None
    kind: KindRule | None = None
    url: ValueRule | None = None
    ids: Annotated[dict[str, PathRule], AfterValidator(_check_known_schemes)] = Field(default_factory=dict)


class OfferRules(StrictTable):
    """Hold what to read of an offer, under the names of `domain.runs.observation.ObservedOffer`.

    `when` keeps the offer out of a row; `each` gives one offer per item, which the other rules then call `offer`.
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


class Politeness(StrictTable):
    """Make a crawl slower than usual, never faster.

    `delay` is in seconds between two requests; `cap_pages` the most documents or pages in a run; `night` the hours of Paris
    during which the scheduler may start one (« 01:00-06:00 »).
    """

    delay: float = Field(default=1.0, ge=1, le=60)
    cap_pages: int = Field(default=500, ge=1, le=100_000)
    night: str | None = Field(default=None, pattern=NIGHT_PATTERN)
