"""What a film gains from lines of other bases: facts that it lacked, titles and numbers, each with its source."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session, SQLModel, col, select

from domain.common.enums import Kind, LineState, TitleKind
from domain.common.identifiers import SCHEMES, read_identifier
from domain.common.titles import split_title, title_key
from domain.films.directors import renew_directors
from domain.films.formats import FilmLine
from domain.films.overrides import EDITABLE, left_out, name_titles, number_mark, title_mark
from domain.models.film import BaseLine, Film, FilmIdentifier, FilmTitle

FACTS = (*(fact for fact in EDITABLE if fact != "title"), "popularity")
_UNKNOWN: tuple[Any, ...] = (None, "", [])
_BATCH = 500
_SHORTEST_FEATURE = 60  # minutes: a work under an hour is a court métrage (code du cinéma, D210-1)
Pair = tuple[str, str]
Rows = list[dict[str, Any]]


@dataclass
class Gains:
    """Facts, titles and numbers that films gained, counted by name; and, by line, numbers that another film holds."""

    counted: Counter[str] = field(default_factory=Counter)
    conflicts: list[tuple[str, str]] = field(default_factory=list)


def film_titles(line: FilmLine, *, lent: bool = False) -> Rows:
    """The titles of a film, each once by its key: displayed first, then original, French and others.

    A title lent to a film of another base is not displayed: what it is otherwise comes first.
    """
    told: list[tuple[str | None, TitleKind, str | None]] = [
        (line.original_title, TitleKind.ORIGINAL, None),
        (line.french_title, TitleKind.ALTERNATIVE, "fr"),
    ]
    told.insert(2 if lent else 0, (line.title, TitleKind.ALTERNATIVE if lent else TitleKind.DISPLAY, None))
    others = (*line.other_titles, *split_title(line.title).alternatives)
    told += [(title, TitleKind.ALTERNATIVE, None) for title in others]
    found: dict[str, dict[str, Any]] = {}
    for title, kind, language in told:
        if title:
            key = title_key(title)
            found.setdefault(key, {"title": title, "kind": kind, "language": language, "key": key})
    return list(found.values())


def line_identifiers(line: FilmLine) -> Iterator[Pair]:
    """The well-formed numbers of a line, in their one form."""
    for scheme, written in line.identifiers.items():
        value = read_identifier(scheme, written) if scheme in SCHEMES else written
        if value:
            yield scheme, value


def base_sources(session: Session) -> frozenset[str]:
    """The names of the bases whose lines were joined to films."""
    return frozenset(session.exec(select(BaseLine.source).distinct()))


def regain(session: Session, film_ids: Iterable[int], now: datetime) -> Gains:
    """Works out again what these films gain from the lines linked to them, in the caller's transaction.

    A film's own facts come first, then its lines' in order of arrival; what no line gives any more is taken back. The same
    lines again write nothing. A number that another film holds is told, and left there.
    """
    gains, sources, numbers = Gains(), base_sources(session), sorted(set(film_ids))
    for start in range(0, len(numbers), _BATCH):
        some = _Some(session, numbers[start : start + _BATCH], sources, now, gains)
        for film in some.films:
            some.regain(film)
        session.flush()
        for film in some.films:
            if film.edited:
                name_titles(session, film)
        renew_directors(session, some.renamed)
        for row in some.loaded():
            session.expunge(row)
    return gains


class _Some:
    """A few films with all that they hold, and the lines linked to them."""

    def __init__(self, session: Session, numbers: Sequence[int], sources: frozenset[str], now: datetime, gains: Gains) -> None:
        self.session, self.sources, self.now, self.gains = session, sources, now, gains
        self.renamed: list[tuple[int, list[str]]] = []
        wanted = select(Film).where(col(Film.id).in_(numbers)).order_by(col(Film.id))
        self.films = session.exec(wanted.with_for_update().execution_options(populate_existing=True)).all()
        self.lines = self._read_lines(numbers)
        self.titles: defaultdict[int, list[FilmTitle]] = defaultdict(list)
        for title in session.exec(select(FilmTitle).where(col(FilmTitle.film_id).in_(numbers)).order_by(col(FilmTitle.id))):
            self.titles[title.film_id].append(title)
        self.held: defaultdict[int, dict[Pair, FilmIdentifier]] = defaultdict(dict)
        for held in session.exec(select(FilmIdentifier).where(col(FilmIdentifier.film_id).in_(numbers))):
            self.held[held.film_id][held.scheme, held.value] = held
        self.owners = {pair: film_id for film_id, pairs in self.held.items() for pair in pairs} | self._outside(numbers)

    def _read_lines(self, numbers: Sequence[int]) -> defaultdict[int, list[tuple[str, FilmLine]]]:
        """The lines linked to these films, each under its name as a source."""
        own, lines = {film.id: film.source for film in self.films}, defaultdict[int, list[tuple[str, FilmLine]]](list)
        asked = select(BaseLine.film_id, BaseLine.source, BaseLine.payload).order_by(col(BaseLine.id))
        for film_id, source, payload in self.session.exec(
            asked.where(BaseLine.state == LineState.LINKED, col(BaseLine.film_id).in_(numbers))
        ):
            line = FilmLine.model_validate({"line": 0, **payload})
            lines[film_id or 0].append((_lender(source, line) if source == own.get(film_id or 0) else source, line))
        return lines

    def _is_lent(self, film: Film, source: str) -> bool:
        """Whether a source is a line joined to the film, rather than the film's own base or a person."""
        return (source in self.sources and source != film.source) or source.startswith(f"{film.source} ")

    def _outside(self, numbers: Sequence[int]) -> dict[Pair, int]:
        """Films apart from these that hold a number which these would gain."""
        values = {value for lines in self.lines.values() for _, line in lines for _, value in line_identifiers(line)}
        found: dict[Pair, int] = {}
        ordered = sorted(values)
        for start in range(0, len(ordered), _BATCH):
            wanted = col(FilmIdentifier.value).in_(ordered[start : start + _BATCH])
            asked = select(FilmIdentifier.scheme, FilmIdentifier.value, FilmIdentifier.film_id)
            apart = asked.where(wanted, col(FilmIdentifier.film_id).not_in(numbers))
            found |= {(scheme, value): film_id for scheme, value, film_id in self.session.exec(apart)}
        return found

    def loaded(self) -> list[SQLModel]:
        """What may be let go of, once written."""
        rows: list[SQLModel] = [*self.films]
        rows += [title for titles in self.titles.values() for title in titles]
        rows += [held for pairs in self.held.values() for held in pairs.values()]
        return [row for row in rows if row in self.session]

    def regain(self, film: Film) -> None:
        """Brings a film to what its lines give."""
        changed = [self._facts(film), self._titles(film), self._identifiers(film)]
        if any(changed):
            film.updated = self.now

    def _facts(self, film: Film) -> bool:
        before = {fact: getattr(film, fact) for fact in FACTS}
        for fact in film.gained:
            setattr(film, fact, [] if isinstance(before[fact], list) else None)
        gained: dict[str, str] = {}
        for source, line in self.lines[film.id]:
            for fact in FACTS:
                value = _fact(line, fact, film)
                if fact not in film.edited and value not in _UNKNOWN and getattr(film, fact) in _UNKNOWN:
                    setattr(film, fact, value)
                    gained[fact] = source
        self.gains.counted.update(gained.keys() - film.gained.keys())
        changed = gained != film.gained or before != {fact: getattr(film, fact) for fact in FACTS}
        if gained != film.gained:
            film.gained = gained
        if film.directors != before["directors"]:
            self.renamed.append((film.id, film.directors))
        return changed

    def _titles(self, film: Film) -> bool:
        own = {title.key for title in self.titles[film.id] if not self._is_lent(film, title.source)}
        away = left_out(film.edited)
        wanted: dict[str, dict[str, Any]] = {}
        for source, line in self.lines[film.id]:
            for told in film_titles(line, lent=True):
                if told["key"] not in own and title_mark(told["key"]) not in away:
                    wanted.setdefault(told["key"], told | {"source": source})
        changed = False
        for title in self.titles[film.id]:
            if self._is_lent(film, title.source) and title.model_dump(include={*_TOLD}) != wanted.pop(title.key, None):
                self.session.delete(title)
                changed = True
        self.session.add_all(FilmTitle(film_id=film.id, **told) for told in wanted.values())
        self.gains.counted["titles"] += len(wanted)
        return changed or bool(wanted)

    def _identifiers(self, film: Film) -> bool:
        away, wanted = left_out(film.edited), dict[Pair, str]()
        for source, line in self.lines[film.id]:
            for pair in line_identifiers(line):
                if number_mark(*pair) in away:
                    continue
                if self.owners.setdefault(pair, film.id) == film.id:
                    wanted.setdefault(pair, source)
                else:
                    told = f"{pair[0]} {pair[1]} appartient déjà au film {self.owners[pair]} : numéro laissé de côté"
                    self.gains.conflicts.append((line.source_ref, told))
        changed = False
        for pair, held in self.held[film.id].items():
            giver = wanted.get(pair)
            if self._is_lent(film, held.source) and giver != held.source:
                changed = True
                if giver is None:
                    self.session.delete(held)
                else:
                    held.source = giver
        new = {pair: source for pair, source in wanted.items() if pair not in self.held[film.id]}
        self.session.add_all(
            FilmIdentifier(film_id=film.id, scheme=scheme, value=value, source=source) for (scheme, value), source in new.items()
        )
        self.gains.counted.update(scheme for scheme, _ in new)
        return changed or bool(new)


def _lender(source: str, line: FilmLine) -> str:
    """The name, as a source, of a line of the film's own base: that of a film merged into it."""
    return f"{source} {line.source_ref}"


_TOLD = ("title", "kind", "language", "key", "source")


def _fact(line: FilmLine, fact: str, film: Film) -> Any:
    """What a line tells; « film » says nothing of a work not known to last an hour, for a base may say it of shorts too.

    Nor is it believed that a film was never released when the day of its release is known.
    """
    value = getattr(line, fact)
    if fact == "in_cinemas" and value is False and film.release_date:
        return None
    if fact == "kind" and value is Kind.FILM and (film.runtime_min or 0) < _SHORTEST_FEATURE:
        return None
    return list(value) if isinstance(value, tuple) else value
