"""Two descriptions of a work set side by side: which facts agree, which are near, which differ, and by which words."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from domain.common.casing import KIND_WORDS
from domain.common.enums import Kind
from domain.common.text import fold, words
from domain.common.titles import title_key
from webapp.core.french import long_date, runtime

_SCHEMES = {"imdb": "IMDb", "tmdb": "TMDB", "allocine": "AlloCiné", "senscritique": "SensCritique", "wikidata": "Wikidata"}
_WORDS = re.compile(r"\w+|\W+")


class Sign(Enum):
    """How a fact compares: a sign for the eye, and a word for whoever does not see it."""

    SAME = ("=", "identique")
    NEAR = ("≈", "proche")
    OTHER = ("≠", "différent")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is known of a work, as it was written; empty where nobody said."""

    title: str
    others: tuple[str, ...] = ()
    year: int | None = None
    release: date | None = None
    directors: tuple[str, ...] = ()
    runtime: int | None = None
    countries: tuple[str, ...] = ()
    kind: Kind | None = None
    ids: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact as it is shown: pieces of text, each with whether it differs, and a sign (None: nothing to compare)."""

    label: str
    pieces: tuple[tuple[str, bool], ...]
    sign: Sign | None = None

    @property
    def text(self) -> str:
        """The whole, unmarked."""
        return "".join(piece for piece, _ in self.pieces)


def _plain(label: str, text: str, sign: Sign | None = None) -> Fact:
    return Fact(label, ((text, sign is Sign.OTHER),), sign)


def _marked(label: str, text: str, other: str, sign: Sign | None) -> Fact:
    """The words that the other text does not have are marked."""
    if sign in (None, Sign.SAME):
        return _plain(label, text, sign)
    known = set(words(other))
    return Fact(label, tuple((piece, piece.isalnum() and fold(piece) not in known) for piece in _WORDS.findall(text)), sign)


def _titles(sheet: Sheet) -> list[str]:
    return [sheet.title, *sheet.others]


def _title_sign(mine: Iterable[str], yours: Iterable[str]) -> Sign:
    mine_keys, your_keys = {title_key(title) for title in mine}, {title_key(title) for title in yours}
    if mine_keys & your_keys:
        return Sign.SAME
    common = set(" ".join(mine_keys).split()) & set(" ".join(your_keys).split())
    return Sign.NEAR if any(len(word) > 2 for word in common) else Sign.OTHER


def _title(film: Sheet, asked: Sheet | None) -> Fact:
    if asked is None:
        return _plain("Titre", film.title)
    return _marked("Titre", film.title, " ".join(_titles(asked)), _title_sign([film.title], _titles(asked)))


def _other_titles(film: Sheet, asked: Sheet | None) -> Fact:
    text = " / ".join(film.others)
    if asked is None:
        return _plain("Autres titres", text)
    sign = _title_sign(film.others, _titles(asked))
    told = asked.others or sign is Sign.SAME  # a title in another language says nothing where only one was written
    return _marked("Autres titres", text, " ".join(_titles(asked)), sign if told else None)


def _year(film: Sheet, asked: Sheet | None) -> Fact:
    sign = None
    if asked and asked.year and film.year:
        near = abs(asked.year - film.year) == 1 or (film.release and film.release.year == asked.year)
        sign = Sign.SAME if asked.year == film.year else Sign.NEAR if near else Sign.OTHER
    return _plain("Année", str(film.year), sign)


def _release(film: Sheet, _: Sheet | None) -> Fact:
    return _plain("Sortie en France", long_date(film.release) if film.release else "")


def _directors(film: Sheet, asked: Sheet | None) -> Fact:
    text, sign, said = ", ".join(film.directors), None, ""
    if asked and asked.directors:
        mine, yours = ({frozenset(words(name)) for name in sheet.directors} for sheet in (film, asked))
        said = " ".join(asked.directors)
        sign = Sign.SAME if mine == yours else Sign.NEAR if set(words(text)) & set(words(said)) else Sign.OTHER
    return _marked("Réalisation", text, said, sign)


def _runtime(film: Sheet, asked: Sheet | None) -> Fact:
    sign = None
    if asked and asked.runtime and film.runtime:
        gap = abs(asked.runtime - film.runtime)
        sign = Sign.SAME if gap <= 1 else Sign.NEAR if gap <= 5 else Sign.OTHER
    return _plain("Durée", runtime(film.runtime or 0), sign)


def _countries(film: Sheet, asked: Sheet | None) -> Fact:
    text, sign, said = ", ".join(film.countries), None, ""
    if asked and asked.countries:
        mine, yours = ({fold(country) for country in sheet.countries} for sheet in (film, asked))
        said = " ".join(asked.countries)
        sign = Sign.SAME if mine == yours else Sign.NEAR if mine & yours else Sign.OTHER
    return _marked("Pays", text, said, sign)


def _kind(film: Sheet, asked: Sheet | None) -> Fact:
    compared = asked is not None and asked.kind is not None
    sign = (Sign.SAME if asked and asked.kind is film.kind else Sign.OTHER) if compared else None
    return _plain("Nature", KIND_WORDS[film.kind] if film.kind else "", sign)


def _ids(film: Sheet, asked: Sheet | None) -> Fact:
    common = [scheme for scheme in film.ids if asked is not None and scheme in asked.ids]
    shown = common if asked is not None else list(film.ids)
    text = ", ".join(f"{_SCHEMES.get(scheme, scheme)} {film.ids[scheme]}" for scheme in shown)
    same = asked is not None and all(film.ids[scheme] == asked.ids[scheme] for scheme in common)
    return _plain("Numéros", text, (Sign.SAME if same else Sign.OTHER) if common else None)


_ROWS: tuple[tuple[Callable[[Sheet], object], Callable[[Sheet, Sheet | None], Fact]], ...] = (
    (lambda sheet: sheet.title, _title),
    (lambda sheet: sheet.others, _other_titles),
    (lambda sheet: sheet.year, _year),
    (lambda sheet: sheet.release, _release),
    (lambda sheet: sheet.directors, _directors),
    (lambda sheet: sheet.runtime, _runtime),
    (lambda sheet: sheet.countries, _countries),
    (lambda sheet: sheet.kind, _kind),
    (lambda sheet: sheet.ids, _ids),
)


def tell(sheet: Sheet, asked: Sheet | None = None) -> list[Fact]:
    """The facts known of a work, compared with those of the work asked about, if any."""
    facts = [row(sheet, asked) for known, row in _ROWS if known(sheet)]
    return [fact for fact in facts if fact.text]
