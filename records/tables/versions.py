"""T11: picture, versions, audio description and subtitles for the deaf and hard of hearing, by service."""

from typing import Any

from sqlalchemy import ColumnElement, String, case, cast, func, or_
from sqlmodel import col

from records.catalogue import Entry, Offer
from records.links import Judgement
from records.tables.day import Day
from records.tables.shape import Body, Column, Row, Unit, share
from records.tables.words import ALL
from records.vocabulary import Quality


def _any_of(*versions: str) -> ColumnElement[bool]:
    return or_(*(cast(col(Offer.languages), String).contains(f'"{version}"') for version in versions))


def _traits() -> dict[str, ColumnElement[bool]]:
    """What an offer may be, and for each field, that it says something at all."""
    return {
        **{f"image {quality}": col(Offer.quality) == quality for quality in Quality},
        "image non dite": col(Offer.quality).is_not(None),
        "version française (VF, VOF)": _any_of("VF", "VOF"),
        "version originale sous-titrée": _any_of("VOST", "VOSTFR"),
        "version non dite": cast(col(Offer.languages), String) != "[]",
        "audiodescription": col(Offer.audio_description).is_(True),
        "audiodescription non dite": col(Offer.audio_description).is_not(None),
        "sous-titres sourds et malentendants": col(Offer.sdh).is_(True),
        "sous-titres non dits": col(Offer.sdh).is_not(None),
    }


def by_service(day: Day) -> Body:
    """T11: films of which some offer has the trait; « non dite » are those of which no offer says anything."""
    traits, film = _traits(), col(Judgement.film_id)
    counts: list[Any] = [func.count(func.distinct(film))]
    counts += [func.count(func.distinct(case((met, film)))) for met in traits.values()]
    by = col(Entry.platform_id)
    found = {row[0]: row[1:] for row in day.session.execute(day.offers(by, *counts).group_by(by))}
    rows: list[Row] = _lines(ALL, day.session.execute(day.offers(*counts)).one(), list(traits))
    for number, platform in day.platforms.items():
        if number in found:
            rows += _lines(platform.name, found[number], list(traits))
    texts = (Column("Service", Unit.TEXT), Column("Caractère", Unit.TEXT))
    return Body((*texts, Column("Films"), Column("Part", Unit.SHARE)), tuple(rows), keys=2)


def _lines(service: str, counts: Any, names: list[str]) -> list[Row]:
    films = counts[0]
    told = [
        films - number if name.endswith(("non dite", "non dits")) else number
        for name, number in zip(names, counts[1:], strict=True)
    ]
    return [(service, name, number, share(number, films)) for name, number in zip(names, told, strict=True)]
