"""Show a case: what the platform or the source wrote, beside the films that it may be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from domain.films.aliases import AliasProposal, propose_alias
from domain.films.formats import FilmRecord
from domain.linking.authors import format_author, get_agent_logins
from domain.linking.judgements import get_live_judgement
from domain.linking.reasons import Reason, read_reasons
from domain.linking.redirects import map_canonical_ids
from domain.models.entry import Entry
from domain.models.film import Film, FilmIdentifier, FilmTitle, SourceRecord
from domain.models.judgement import Candidate, Judgement
from domain.models.platform import Platform
from domain.models.review_case import ReviewCase
from matcher.explanations import explain_decision, format_deciding_rule, list_comparisons
from webapp.core.french import format_percent
from webapp.staff.film_diff import ComparedFact, WorkFacts, compare_facts

_MAX_OTHER_TITLES = 4


@dataclass(frozen=True, slots=True)
class ProposedFilm:
    """Represent a film put forward, under the key that chooses it: why it is there, its facts compared, and the comparisons.

    `alias` is the entry's title where the film does not have it.
    """

    key: int
    film: Film
    origin: str
    facts: list[ComparedFact]
    reasons: list[str]
    alias: AliasProposal | None


@dataclass(frozen=True, slots=True)
class Subject:
    """Represent what a case is about: where it comes from, its facts as written, the films it may be, and why an agent is asked.

    `current_decision` is the decision in force when a person took it; `rule` is what the matcher says otherwise.
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
class _Proposal:
    """Represent a film put forward by id; `reasons` are the comparisons, in French."""

    film_id: int
    probability: float | None
    reasons: list[str]


@dataclass(frozen=True, slots=True)
class _CaseData:
    """Represent the work asked about, and the films put forward."""

    source: str
    facts: WorkFacts
    proposals: Sequence[_Proposal]
    url: str | None = None
    rule: str = ""
    current_decision: str = ""


def _load_entry(session: Session, case: ReviewCase) -> _CaseData:
    entry = session.get_one(Entry, case.entry_id)
    assert entry.id is not None
    live = get_live_judgement(session, entry.id)
    rule = ""
    current_decision = ""
    if live and live.by_person:
        author = format_author(live, get_agent_logins(session))
        current_decision = f"{explain_decision(live)} ({author})"
    elif live:
        rule = format_deciding_rule(read_reasons(live))
    return _CaseData(
        source=session.get_one(Platform, entry.platform_id).name,
        facts=_build_entry_facts(entry),
        proposals=_list_entry_proposals(session, case, live),
        url=entry.url if entry.url and entry.url.startswith(("https://", "http://")) else None,
        rule=rule,
        current_decision=current_decision,
    )


def _list_entry_proposals(session: Session, case: ReviewCase, live: Judgement | None) -> list[_Proposal]:
    """Return the matcher's candidates; the film of the case and that of the decision in force join them where they lack."""
    candidates = session.exec(select(Candidate).where(Candidate.entry_id == case.entry_id).order_by(col(Candidate.id)))
    proposals = []
    for candidate in candidates:
        reasons = list_comparisons(candidate.weights_by_level, Reason.from_row(candidate))
        proposals.append(_Proposal(candidate.film_id, candidate.probability, reasons))
    if case.film_id and case.film_id not in {proposal.film_id for proposal in proposals}:
        proposals.insert(0, _Proposal(case.film_id, case.probability, []))
    if live and live.film_id and live.film_id not in {proposal.film_id for proposal in proposals}:
        proposals.append(_Proposal(live.film_id, None, []))
    return proposals


def _build_entry_facts(entry: Entry) -> WorkFacts:
    return WorkFacts(
        entry.title,
        (entry.original_title,) if entry.original_title else (),
        entry.year,
        None,
        tuple(entry.directors),
        entry.runtime_min,
        tuple(entry.countries),
        entry.kind,
        entry.ids,
    )


def _load_source_record(session: Session, case: ReviewCase) -> _CaseData:
    row = session.get_one(SourceRecord, case.source_record_id)
    proposals = []
    for stored in row.proposals:
        reasons = list_comparisons(stored["weights_by_level"], Reason.from_json(stored["reason"]))
        proposals.append(_Proposal(stored["film_id"], stored["probability"], reasons))
    facts = _build_record_facts(FilmRecord.from_payload(row.payload))
    rule = format_deciding_rule(read_reasons(row))
    return _CaseData(f"base {row.source}, n° {row.source_ref}", facts, proposals, rule=rule)


def _build_record_facts(record: FilmRecord) -> WorkFacts:
    described = [title.title for title in record.titles]
    named = (record.original_title, record.french_title, *described, *record.other_titles)
    others = [title for title in dict.fromkeys(named) if title and title != record.title]
    return WorkFacts(
        record.title,
        tuple(others),
        record.year,
        record.release_date,
        tuple(record.directors),
        record.runtime_min,
        tuple(record.countries),
        record.kind,
        record.identifiers,
    )


def _build_film_facts(session: Session, film: Film) -> WorkFacts:
    titles = session.exec(select(FilmTitle.title).where(FilmTitle.film_id == film.id).order_by(col(FilmTitle.id))).all()
    others = tuple(title for title in dict.fromkeys([film.original_title, *titles]) if title and title != film.title)
    identifiers = session.exec(select(FilmIdentifier.scheme, FilmIdentifier.value).where(FilmIdentifier.film_id == film.id))
    return WorkFacts(
        film.title,
        others[:_MAX_OTHER_TITLES],
        film.year,
        film.release_date,
        tuple(film.directors),
        film.runtime_min,
        tuple(film.countries),
        film.kind,
        dict(identifiers.all()),
    )


def _format_origin(probability: float | None) -> str:
    return "film de la décision en vigueur" if probability is None else f"probabilité {format_percent(probability)}"


def read_subject(session: Session, case: ReviewCase, search_results: Iterable[Film] = ()) -> Subject:
    """Return a case with all that an agent needs to settle it; films found by search come after those put forward."""
    data = _load_entry(session, case) if case.entry_id else _load_source_record(session, case)
    proposals = _group_by_canonical_film(session, data.proposals)
    films_by_id = {film.id: film for film in session.exec(select(Film).where(col(Film.id).in_(list(proposals))))}
    rows = []
    for film_id, proposal in proposals.items():
        if film_id in films_by_id:
            rows.append((films_by_id[film_id], _format_origin(proposal.probability), proposal.reasons))
    for film in search_results:
        if film.id not in films_by_id:
            rows.append((film, "trouvé par la recherche", []))
    entry = session.get_one(Entry, case.entry_id) if case.entry_id else None
    films = []
    for key, (film, origin, reasons) in enumerate(rows, 1):
        facts = compare_facts(_build_film_facts(session, film), data.facts)
        alias = propose_alias(session, entry, film) if entry else None
        films.append(ProposedFilm(key, film, origin, facts, reasons, alias))
    facts = compare_facts(data.facts)
    return Subject(case, data.facts.title, data.source, data.url, facts, films, data.rule, data.current_decision)


def _group_by_canonical_film(session: Session, proposals: Sequence[_Proposal]) -> dict[int, _Proposal]:
    """Return the proposals by film, in their order; of several films merged into one, the first is kept at the last place."""
    canonical_ids = map_canonical_ids(session, [proposal.film_id for proposal in proposals])
    by_film: dict[int, _Proposal] = {}
    for proposal in reversed(proposals):
        by_film[canonical_ids.get(proposal.film_id, proposal.film_id)] = proposal
    return dict(reversed(by_film.items()))
