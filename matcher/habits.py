"""Learn what each catalogue teaches about itself: which years it gives, and what its columns of identifiers really hold.

Anchors need no truth: entries whose title is, to the letter, that of one film only, with the same director or running time.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from zlib import crc32

from matcher.blocking import CandidateSet, FilmIndex
from matcher.comparisons.identifiers import IdentifierForm, SchemeReading, get_agreeing_form, split_identifiers
from matcher.comparisons.levels import PeopleLevel, RuntimeLevel, TitleLengthLevel, TitleLevel, YearLevel
from matcher.comparisons.pair import ComparisonVector, compare_pair
from matcher.model import Adjustments
from matcher.work import Work

_MAX_SAMPLE = 1000
_MIN_ANCHORS = 20
_YEAR_PRIOR = 40.0
"""The weight, in anchors, of the habit of all catalogues against that of one."""
_MAX_YEAR_ADJUSTMENT = 2.0
_MAX_DRIFT = 0.2
"""How far the weights of years may move, in log-odds on average, before a catalogue has other habits than it had."""
_PRIOR_AGREEMENTS, _PRIOR_DISAGREEMENTS = 9.0, 1.0
_MIN_TRUSTED_SHARE, _MIN_SOUND_SHARE = 0.5, 0.9
_MIN_RELABELLED_SHARE, _MIN_RELABELLED_ANCHORS = 0.9, 10


@dataclass(frozen=True, slots=True)
class Anchor:
    """An entry and the film that it surely is, with their comparisons."""

    entry: Work
    film: Work
    vector: ComparisonVector


class Evidence(NamedTuple):
    """What an anchor tells of its catalogue: the level of years, and the identifiers compared.

    Each of these is the scheme of the entry, that of the film, and the form in which they agree, empty when they do not.
    """

    year_level: str
    comparisons: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class CatalogueHabits:
    """What a catalogue teaches: how its columns of identifiers are read, and what to add to the model's weights.

    `readings` has an item for each scheme of the entries that enough anchors could check.
    """

    readings: Mapping[str, SchemeReading] = field(default_factory=dict)
    adjustments: Adjustments = field(default_factory=dict)


NO_HABITS = CatalogueHabits()


def learn_habits(entries: Sequence[Work], index: FilmIndex, year_shares: Mapping[str, float]) -> CatalogueHabits:
    """Return the habits of a catalogue, from at most 1,000 of its entries; none when too few anchors tell.

    `year_shares` are the shares of the levels of years among the anchors of all catalogues.
    """
    sample = [entries[position] for position in select_sample([entry.id for entry in entries])]
    return learn_from_evidence([collect_evidence(anchor) for anchor in find_anchors(sample, index)], year_shares)


def learn_from_evidence(evidence: Sequence[Evidence], year_shares: Mapping[str, float]) -> CatalogueHabits:
    """Return the habits of a catalogue from what its anchors tell, in the order of `select_sample`."""
    if len(evidence) < _MIN_ANCHORS:
        return NO_HABITS
    readings = {reading.entry_scheme: reading for reading in _learn_readings(evidence)}
    adjustments = {"year": learn_year_adjustments(evidence, year_shares)}
    return CatalogueHabits(readings, {name: weights for name, weights in adjustments.items() if weights})


def select_sample(entry_ids: Sequence[str]) -> list[int]:
    """Return the positions of at most 1,000 entries, drawn by their ids: the same whatever the order of the catalogue.

    A few entries that come or go change few of them.
    """
    hashes = [(crc32(entry_id.encode()), entry_id) for entry_id in entry_ids]
    return sorted(range(len(entry_ids)), key=hashes.__getitem__)[:_MAX_SAMPLE]


def keep_habits(former: CatalogueHabits, learnt: CatalogueHabits, year_shares: Mapping[str, float]) -> CatalogueHabits:
    """Return the former habits of a catalogue, unless those learnt since are clearly other ones.

    Otherwise a few entries that come or go would move a weight by a tenth, and every decision about the catalogue with it.
    `year_shares` are the shares of the levels of years among the anchors of all catalogues: what is rare counts for little.
    """
    before, after = former.adjustments.get("year", {}), learnt.adjustments.get("year", {})
    drift = sum(share * abs(before.get(level, 0.0) - after.get(level, 0.0)) for level, share in year_shares.items())
    is_same_reading = _describe_readings(former) == _describe_readings(learnt)
    return former if is_same_reading and drift <= _MAX_DRIFT else learnt


def _describe_readings(habits: CatalogueHabits) -> set[SchemeReading]:
    """Return how columns are read, without the numbers of anchors that tell it."""
    return {replace(reading, agreed=0, compared=0) for reading in habits.readings.values()}


def find_anchors(entries: Sequence[Work], index: FilmIndex) -> list[Anchor]:
    """Return the anchors among entries."""
    return list(iter_anchors(entries, index.find_candidates(entries), index))


def collect_evidence(anchor: Anchor) -> Evidence:
    """Return what an anchor tells of its catalogue."""
    comparisons = []
    for scheme, value in split_identifiers((*anchor.entry.ids, *anchor.entry.unread_ids)):
        for film_scheme, film_value in split_identifiers(anchor.film.ids):
            form = get_agreeing_form(scheme, value, film_scheme, film_value)
            comparisons.append((scheme, film_scheme, str(form or "")))
    return Evidence(str(anchor.vector.year), tuple(comparisons))


def iter_anchors(entries: Sequence[Work], candidate_sets: Iterable[CandidateSet], index: FilmIndex) -> Iterator[Anchor]:
    """Yield the anchors among entries, one an entry at most, from the candidates of each."""
    for entry, candidate_set in zip(entries, candidate_sets, strict=True):
        if candidate_set.frequencies.same_title != 1:
            continue
        for position in candidate_set.positions:
            film = index.films[position]
            vector = compare_pair(entry, film, candidate_set.frequencies)
            if _is_anchor(vector):
                yield Anchor(entry, film, vector)


def _is_anchor(vector: ComparisonVector) -> bool:
    if vector.title is not TitleLevel.LETTER:
        return False
    if vector.directors is PeopleLevel.UNKNOWN:
        return vector.runtime is RuntimeLevel.SAME and vector.wording is not TitleLengthLevel.ONE_WORD
    return vector.directors is PeopleLevel.SAME


def count_year_shares(anchors: Sequence[Anchor]) -> dict[str, float]:
    """Return the share of each level of years among anchors whose years are known."""
    counts = _count_year_levels(collect_evidence(anchor) for anchor in anchors)
    return {level: count / counts.total() for level, count in counts.items()}


def _count_year_levels(evidence: Iterable[Evidence]) -> Counter[str]:
    return Counter(item.year_level for item in evidence if item.year_level != YearLevel.UNKNOWN)


def learn_year_adjustments(evidence: Sequence[Evidence], year_shares: Mapping[str, float]) -> dict[str, float]:
    """Return what each level of years weighs more, or less, in this catalogue than in all, to one decimal."""
    counts = _count_year_levels(evidence)
    if counts.total() < _MIN_ANCHORS:
        return {}
    adjustments = {}
    for level, share in year_shares.items():
        habit = (counts[level] + _YEAR_PRIOR * share) / (counts.total() + _YEAR_PRIOR)
        adjustment = max(-_MAX_YEAR_ADJUSTMENT, min(_MAX_YEAR_ADJUSTMENT, math.log(habit / share)))
        adjustments[level] = round(adjustment, 1)
    return {level: adjustment for level, adjustment in adjustments.items() if adjustment}


def _learn_readings(evidence: Sequence[Evidence]) -> Iterator[SchemeReading]:
    """Yield how each column of identifiers is read, where enough anchors tell."""
    compared: Counter[tuple[str, str]] = Counter()
    agreed: Counter[tuple[str, str, IdentifierForm]] = Counter()
    for item in evidence:
        for scheme, film_scheme, form in item.comparisons:
            compared[scheme, film_scheme] += 1
            if form:
                agreed[scheme, film_scheme, IdentifierForm(form)] += 1
    for scheme in sorted({scheme for scheme, _ in compared}):
        yield _choose_reading(scheme, compared, agreed)


def _choose_reading(
    scheme: str, compared: Mapping[tuple[str, str], int], agreed: Mapping[tuple[str, str, IdentifierForm], int]
) -> SchemeReading:
    """Return the reading of a column: as what it is called, as what it holds under another name, or not at all."""
    total = compared.get((scheme, scheme), 0)
    matches = agreed.get((scheme, scheme, IdentifierForm.SAME), 0)
    share = (matches + _PRIOR_AGREEMENTS) / (total + _PRIOR_AGREEMENTS + _PRIOR_DISAGREEMENTS)
    own = SchemeReading(
        scheme,
        scheme,
        IdentifierForm.SAME,
        matches,
        total,
        is_ignored=share < _MIN_TRUSTED_SHARE,
        is_weak=share < _MIN_SOUND_SHARE,
    )
    if not own.is_weak and total:
        return own
    others = [
        SchemeReading(
            scheme, film_scheme, form, count, compared[scheme, film_scheme], is_weak=form is IdentifierForm.FIRST_DIGIT_LOST
        )
        for (name, film_scheme, form), count in agreed.items()
        if name == scheme and compared[scheme, film_scheme] >= _MIN_RELABELLED_ANCHORS
    ]
    best = max(
        others, key=lambda reading: (reading.agreed / reading.compared, reading.compared, reading.film_scheme), default=own
    )
    return best if best.agreed / max(1, best.compared) >= _MIN_RELABELLED_SHARE else own
