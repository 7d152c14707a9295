"""T11: picture, versions, audio description and subtitles for the deaf and hard of hearing, by service."""

from collections import Counter, defaultdict
from functools import reduce
from operator import or_

from sqlalchemy import ColumnElement, String, cast
from sqlalchemy import or_ as either
from sqlmodel import col

from domain.common.enums import Quality
from domain.coverage.dataset import Day
from domain.coverage.labels import ALL
from domain.coverage.schema import Body, Column, Row, Unit, share
from domain.models.offer import Offer


def has_version(*versions: str) -> ColumnElement[bool]:
    """Whether an offer is said to be in one of these versions, as an SQL condition."""
    return either(*(cast(col(Offer.languages), String).contains(f'"{version}"') for version in versions))


def _traits() -> dict[str, ColumnElement[bool]]:
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


def by_service(day: Day) -> Body:
    """T11: films of which some offer has the trait; « non dite » are those of which no offer says anything."""
    traits = _traits()
    found, whole = defaultdict[int, Counter[int]](Counter), Counter[int]()
    for services in day.traits(*traits.values()).values():
        whole[reduce(or_, services.values())] += 1
        for number, marks in services.items():
            found[number][marks] += 1
    rows = _lines(ALL, whole, list(traits))
    for number, platform in day.platforms.items():
        if number in found:
            rows += _lines(platform.name, found[number], list(traits))
    texts = (Column("Service", Unit.TEXT), Column("Caractère", Unit.TEXT))
    return Body((*texts, Column("Films"), Column("Part", Unit.SHARE)), tuple(rows), keys=2)


def _lines(service: str, marked: Counter[int], names: list[str]) -> list[Row]:
    films, rows = marked.total(), list[Row]()
    for place, name in enumerate(names):
        met = sum(number for marks, number in marked.items() if marks & 1 << place)
        told = films - met if name.endswith(("non dite", "non dits")) else met
        rows.append((service, name, told, share(told, films)))
    return rows
