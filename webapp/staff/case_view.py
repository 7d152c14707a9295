"""A case as it is shown: what the platform or the base wrote, beside the films that it may be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from domain.films.formats import FilmRecord
from domain.linking.judgements import get_live_judgement
from domain.linking.redirects import map_canonical_ids
from domain.models.entry import Entry
from domain.models.film import Film, FilmIdentifier, FilmTitle, SourceRecord
from domain.models.judgement import Candidate
from domain.models.platform import Platform
from domain.models.review_case import ReviewCase
from webapp.core.french import format_percent
from webapp.staff.film_diff import ComparedFact, WorkFacts, compare_facts

_MAX_OTHER_TITLES = 4


@dataclass(frozen=True, slots=True)
class ProposedFilm:
    """A film put forward, under the key that chooses it: why it is there, its facts compared, and the clues, in words."""

    key: int
    film: Film
    origin: str
    facts: list[ComparedFact]
    reasons: list[str]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a case is about: where it comes from, its facts as written, the films it may be, and why a person is asked.

    `standing` is the decision in force when a person took it; `rule` is what the matcher says otherwise.
    """

    case: ReviewCase
    title: str
    source: str
    url: str | None
    facts: list[ComparedFact]
    films: list[ProposedFilm]
    rule: str
    current_decision: str


@dataclass(frozen=True, slots=True)
class _CaseData:
    """The work asked about, and the films put forward: number, probability, clues."""

    source: str
    facts: WorkFacts
    proposals: Sequence[tuple[int, float | None, str]]
    url: str | None = None
    rule: str = ""
    current_decision: str = ""


def _load_entry(session: Session, case: ReviewCase) -> _CaseData:
    entry = session.get_one(Entry, case.entry_id)
    near = session.exec(select(Candidate).where(Candidate.entry_id == entry.id).order_by(col(Candidate.id))).all()
    proposals: list[tuple[int, float | None, str]] = [(line.film_id, line.probability, line.reason) for line in near]
    if case.film_id and case.film_id not in {line.film_id for line in near}:
        proposals.insert(0, (case.film_id, case.probability, ""))
    live = get_live_judgement(session, entry.id or 0)
    if live and live.film_id and live.film_id not in {number for number, _, _ in proposals}:
        proposals.append((live.film_id, None, ""))
    told = live.reason if live else ""
    return _CaseData(
        source=session.get_one(Platform, entry.platform_id).name,
        facts=WorkFacts(
            entry.title, (entry.original_title,) if entry.original_title else (), entry.year, None, tuple(entry.directors),
            entry.runtime_min, tuple(entry.countries), entry.kind, entry.ids,
        ),
        proposals=proposals,
        url=entry.url if entry.url and entry.url.startswith(("https://", "http://")) else None,
        rule="" if live and live.by_person else told.rpartition(" — ")[2],
        current_decision=f"{told} ({live.who})" if live and live.by_person else "",
    )  # fmt: skip


def _load_source_record(session: Session, case: ReviewCase) -> _CaseData:
    line = session.get_one(SourceRecord, case.source_record_id)
    told = FilmRecord.model_validate({"line": 0, **line.payload})
    others = [title for title in (told.original_title, told.french_title, *told.other_titles) if title]
    sheet = WorkFacts(
        told.title, tuple(others), told.year, told.release_date, tuple(told.directors),
        told.runtime_min, tuple(told.countries), told.kind, told.identifiers,
    )  # fmt: skip
    near = [(each["film_id"], each["probability"], each["reason"]) for each in line.proposals]
    return _CaseData(f"base {line.source}, n° {line.source_ref}", sheet, near, rule=line.reason.rpartition(" — ")[2])


def _build_work_facts(session: Session, film: Film) -> WorkFacts:
    titles = session.exec(select(FilmTitle.title).where(FilmTitle.film_id == film.id).order_by(col(FilmTitle.id))).all()
    others = tuple(title for title in dict.fromkeys([film.original_title, *titles]) if title and title != film.title)
    ids = dict(session.exec(select(FilmIdentifier.scheme, FilmIdentifier.value).where(FilmIdentifier.film_id == film.id)).all())
    return WorkFacts(
        film.title, others[:_MAX_OTHER_TITLES], film.year, film.release_date, tuple(film.directors),
        film.runtime_min, tuple(film.countries), film.kind, ids,
    )  # fmt: skip


def _format_origin(probability: float | None) -> str:
    return "film de la décision en vigueur" if probability is None else f"probabilité {format_percent(probability)}"


def read_subject(session: Session, case: ReviewCase, search_results: Iterable[Film] = ()) -> Subject:
    """A case with all that an agent needs to settle it; films that the agent searched come after those put forward."""
    asked = _load_entry(session, case) if case.entry_id else _load_source_record(session, case)
    merged = map_canonical_ids(session, [number for number, _, _ in asked.proposals])
    proposals = {merged.get(row[0], row[0]): row for row in reversed(asked.proposals)}
    known = {film.id: film for film in session.exec(select(Film).where(col(Film.id).in_(list(proposals))))}
    shown = [(number, proposals[number]) for number in reversed(proposals) if number in known]
    rows = [(known[number], _format_origin(probability), clues) for number, (_, probability, clues) in shown]
    rows += [(film, "trouvé par la recherche", "") for film in search_results if film.id not in known]
    films = [
        ProposedFilm(
            key,
            film,
            origin,
            compare_facts(_build_work_facts(session, film), asked.facts),
            [clue for clue in clues.split(" ; ") if clue],
        )
        for key, (film, origin, clues) in enumerate(rows, 1)
    ]
    return Subject(
        case, asked.facts.title, asked.source, asked.url, compare_facts(asked.facts), films, asked.rule, asked.current_decision
    )  # fmt: skip
