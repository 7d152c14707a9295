"""Validate what a run observes of a catalogue: the shape of `Observation.payload`."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from domain.common.enums import Access, Kind, Quality
from domain.common.text import clean_text


def _require_timezone(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("a moment of this era is expected") from None


def _check_web_address(address: str) -> str:
    has_unsafe_character = any(character in address for character in ' <>"\\')
    if has_unsafe_character or not address.lower().startswith(("https://", "http://")):
        raise ValueError("an http(s) address is expected")
    return address


def _clean_value(value: Any) -> Any:
    return clean_text(value) if isinstance(value, str) else value


CleanStr = Annotated[str, BeforeValidator(_clean_value)]
UtcDatetime = Annotated[datetime, AfterValidator(_require_timezone)]
WebAddress = Annotated[str, Field(max_length=2000), AfterValidator(_check_web_address)]

OFFER_TERMS = ("price_cents", "currency", "starts", "ends", "audio_description", "sdh")
"""Facts of an offer that are constant over a period: when one of them changes, the next period begins."""


class ObservedOffer(BaseModel):
    """Represent one way to watch a title. Prices are integer cents; None means that the platform does not say."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    access: Access
    price_cents: int | None = Field(default=None, ge=0, le=1_000_000)
    currency: str = Field(default="EUR", pattern="^[A-Z]{3}$")
    quality: Quality | None = None
    languages: tuple[CleanStr, ...] = ()
    audio_description: bool | None = None
    sdh: bool | None = None
    edition: CleanStr | None = Field(default=None, max_length=200)
    starts: UtcDatetime | None = None
    ends: UtcDatetime | None = None
    url: WebAddress | None = None

    @property
    def identity(self) -> str:
        """The key of the same offer from run to run: access, quality, languages and edition."""
        languages = ",".join(sorted(self.languages))
        return "|".join((self.access, self.quality or "", languages, self.edition or ""))

    def continues_period(self, period: object) -> bool:
        """Tell whether a stored period has the same terms: price, dates, accessibility."""
        return all(getattr(period, term) == getattr(self, term) for term in OFFER_TERMS)


class ObservedEntry(BaseModel):
    """Represent one title of a catalogue; `ref` is the platform's own id, as text."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    ref: CleanStr = Field(min_length=1, max_length=200)
    title: CleanStr = Field(min_length=1, max_length=500)
    original_title: CleanStr | None = Field(default=None, max_length=500)
    year: int | None = Field(default=None, ge=1870, le=2100)
    directors: tuple[CleanStr, ...] = ()
    runtime_min: int | None = Field(default=None, ge=1, le=6000)
    countries: tuple[CleanStr, ...] = ()
    kind: Kind | None = None
    url: WebAddress | None = None
    ids: dict[str, CleanStr] = Field(default_factory=dict)
    offers: tuple[ObservedOffer, ...] = ()

    def compute_content_hash(self) -> str:
        """Compute a hash of the facts that the matcher reads; offers and links do not count."""
        facts = self.model_dump(mode="json", exclude={"offers", "url"})
        return hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]
