"""Count T11: picture, versions, audio description and subtitles for the deaf and hard of hearing, by service."""

from collections import Counter, defaultdict
from functools import reduce
from operator import or_
from typing import NamedTuple

from sqlalchemy import ColumnElement, String, cast
from sqlalchemy import or_ as either
from sqlmodel import col

from domain.common.enums import Quality
from domain.coverage.dataset import DaySnapshot
from domain.coverage.labels import ALL_LABEL
from domain.coverage.schema import Column, Row, TableBody, Unit, compute_share
from domain.models.offer import Offer


class _Trait(NamedTuple):
    """Describe a trait of offers: its French label and SQL condition.

    With `is_absence`, the films counted are those of which no offer meets the condition.
    """

    label: str
    condition: ColumnElement[bool]
    is_absence: bool = False


def has_version(*versions: str) -> ColumnElement[bool]:
    """Return the SQL condition that an offer is in one of these versions."""
    return either(*(cast(col(Offer.languages), String).contains(f'"{version}"') for version in versions))


def _build_traits() -> list[_Trait]:
    return [
        *(_Trait(f"image {quality}", col(Offer.quality) == quality) for quality in Quality),
        _Trait("image non dite", col(Offer.quality).is_not(None), is_absence=True),
        _Trait("version française (VF, VOF)", has_version("VF", "VOF")),
        _Trait("version originale sous-titrée", has_version("VOST", "VOSTFR")),
        _Trait("version non dite", cast(col(Offer.languages), String) != "[]", is_absence=True),
        _Trait("audiodescription", col(Offer.audio_description).is_(True)),
        _Trait("audiodescription non dite", col(Offer.audio_description).is_not(None), is_absence=True),
        _Trait("sous-titres sourds et malentendants", col(Offer.sdh).is_(True)),
        _Trait("sous-titres non dits", col(Offer.sdh).is_not(None), is_absence=True),
    ]


def count_versions_by_service(day: DaySnapshot) -> TableBody:
    """Count T11: films of which some offer has the trait; « non dite » counts those of which no offer says anything."""
    traits = _build_traits()
    by_service = defaultdict[int, Counter[int]](Counter)
    overall = Counter[int]()
    for masks in day.get_condition_masks(*(trait.condition for trait in traits)).values():
        overall[reduce(or_, masks.values())] += 1
        for platform_id, mask in masks.items():
            by_service[platform_id][mask] += 1
    rows = _build_rows(ALL_LABEL, overall, traits)
    for platform_id, platform in day.platforms.items():
        if platform_id in by_service:
            rows += _build_rows(platform.name, by_service[platform_id], traits)
    texts = (Column("Service", Unit.TEXT), Column("Caractère", Unit.TEXT))
    return TableBody((*texts, Column("Films"), Column("Part", Unit.SHARE)), tuple(rows), key_count=2)


def _build_rows(service: str, counts_by_mask: Counter[int], traits: list[_Trait]) -> list[Row]:
    film_count = counts_by_mask.total()
    rows: list[Row] = []
    for rank, trait in enumerate(traits):
        met = sum(count for mask, count in counts_by_mask.items() if mask & 1 << rank)
        films = film_count - met if trait.is_absence else met
        rows.append((service, trait.label, films, compute_share(films, film_count)))
    return rows
