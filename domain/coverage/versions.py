"""T11: picture, versions, audio description and subtitles for the deaf and hard of hearing, by service."""

from collections import Counter, defaultdict
from functools import reduce
from operator import or_

from sqlalchemy import ColumnElement, String, cast
from sqlalchemy import or_ as either
from sqlmodel import col

from domain.common.enums import Quality
from domain.coverage.dataset import DaySnapshot
from domain.coverage.labels import ALL_LABEL
from domain.coverage.schema import Column, Row, TableBody, Unit, compute_share
from domain.models.offer import Offer


def has_version(*versions: str) -> ColumnElement[bool]:
    """Whether an offer is said to be in one of these versions, as an SQL condition."""
    return either(*(cast(col(Offer.languages), String).contains(f'"{version}"') for version in versions))


def _build_conditions() -> dict[str, ColumnElement[bool]]:
    """What an offer may be, and for each field, that it says something at all."""
    return {
        **{f"image {quality}": col(Offer.quality) == quality for quality in Quality},
        "image non dite": col(Offer.quality).is_not(None),
        "version française (VF, VOF)": has_version("VF", "VOF"),
        "version originale sous-titrée": has_version("VOST", "VOSTFR"),
        "version non dite": cast(col(Offer.languages), String) != "[]",
        "audiodescription": col(Offer.audio_description).is_(True),
        "audiodescription non dite": col(Offer.audio_description).is_not(None),
        "sous-titres sourds et malentendants": col(Offer.sdh).is_(True),
        "sous-titres non dits": col(Offer.sdh).is_not(None),
    }


def count_versions_by_service(day: DaySnapshot) -> TableBody:
    """T11: films of which some offer has the trait; « non dite » are those of which no offer says anything."""
    traits = _build_conditions()
    found, whole = defaultdict[int, Counter[int]](Counter), Counter[int]()
    for services in day.get_condition_masks(*traits.values()).values():
        whole[reduce(or_, services.values())] += 1
        for number, marks in services.items():
            found[number][marks] += 1
    rows = _build_rows(ALL_LABEL, whole, list(traits))
    for number, platform in day.platforms.items():
        if number in found:
            rows += _build_rows(platform.name, found[number], list(traits))
    texts = (Column("Service", Unit.TEXT), Column("Caractère", Unit.TEXT))
    return TableBody((*texts, Column("Films"), Column("Part", Unit.SHARE)), tuple(rows), key_count=2)


def _build_rows(service: str, counts_by_mask: Counter[int], names: list[str]) -> list[Row]:
    films, rows = counts_by_mask.total(), list[Row]()
    for place, name in enumerate(names):
        met = sum(number for marks, number in counts_by_mask.items() if marks & 1 << place)
        told = films - met if name.endswith(("non dite", "non dits")) else met
        rows.append((service, name, told, compute_share(told, films)))
    return rows
