"""Which films of the base may be an entry's work: by identifier, by title, by people, by words."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from rapidfuzz import fuzz, process

from matcher.people import person_key
from matcher.work import Work

Key = TypeVar("Key")
_RARE_WORDS = 3
_POSTINGS = 400
_NEAR_TITLES = 8
_NEAR_SCORE = 60
_SAME_PEOPLE = 12


class FilmIndex:
    """The films of a base, found again by what an entry says. Films are named by their place in `films`."""

    def __init__(self, films: Iterable[Work]) -> None:
        self.films: Sequence[Work] = sorted(films, key=lambda film: film.id)
        self._by_title = _gather((place, key) for place, film in enumerate(self.films) for key in film.exact)
        self._by_part = _gather((place, part) for place, film in enumerate(self.films) for part in film.parts)
        self._by_id = _gather((place, pair) for place, film in enumerate(self.films) for pair in film.ids)
        people = ((place, person_key(person)) for place, film in enumerate(self.films) for person in film.people)
        self._by_person = _gather(people)
        titles = [(place, key) for place, film in enumerate(self.films) for key in film.keys]
        self._titles = [key for _, key in titles]
        self._title_owner = [place for place, _ in titles]
        self._by_word = _gather((line, word) for line, key in enumerate(self._titles) for word in set(key.split()))

    def homonyms(self, entry: Work) -> list[int]:
        """Films that bear one of the entry's titles."""
        return sorted({place for key in entry.exact for place in self._by_title.get(key, ())})

    def identified(self, entry: Work) -> list[int]:
        """Films that bear one of the entry's identifiers."""
        return sorted({place for pair in entry.ids for place in self._by_id.get(pair, ())})

    def near(self, entry: Work) -> list[int]:
        """Films whose title holds or resembles the entry's, or made by the same people about the same year."""
        return sorted({*self._parted(entry), *self._resembling(entry), *self._by_people(entry)})

    def _parted(self, entry: Work) -> Iterator[int]:
        for key in entry.exact:
            yield from self._by_part.get(key, ())
        for part in entry.parts:
            yield from self._by_title.get(part, ())

    def _resembling(self, entry: Work) -> Iterator[int]:
        for key in entry.keys:
            lines = self._sharing_rare_words(key)
            found = process.extract(
                key,
                {line: self._titles[line] for line in sorted(lines)},
                scorer=fuzz.ratio,
                score_cutoff=_NEAR_SCORE,
                limit=_NEAR_TITLES,
            )
            yield from (self._title_owner[line] for _, _, line in found)

    def _sharing_rare_words(self, key: str) -> set[int]:
        postings = sorted((self._by_word[word] for word in sorted(set(key.split())) if word in self._by_word), key=len)
        lines: set[int] = set()
        for posting in postings[:_RARE_WORDS]:
            if len(lines) + len(posting) <= _POSTINGS:
                lines.update(posting)
        return lines

    def _by_people(self, entry: Work) -> list[int]:
        places = {place for person in entry.people for place in self._by_person.get(person_key(person), ())}
        return sorted(places, key=lambda place: (_year_gap(entry, self.films[place]), place))[:_SAME_PEOPLE]


def _year_gap(entry: Work, film: Work) -> int:
    return min((abs(a - b) for a in entry.years for b in film.years), default=0)


def _gather(pairs: Iterable[tuple[int, Key]]) -> dict[Key, list[int]]:
    found: defaultdict[Key, list[int]] = defaultdict(list)
    for place, key in pairs:
        found[key].append(place)
    return dict(found)
