"""Small true records, for the tests of every room."""

from datetime import UTC, date, datetime
from typing import Any

from sqlmodel import Session

from domain.common.enums import Access, LegalBasis, Outcome, PlatformStatus, Verdict
from domain.linking.authors import Author, format_author, get_agent_logins
from domain.linking.judgements import Decision, Proposal, record_decision
from domain.linking.provenance import format_provenance
from domain.linking.reasons import Reason
from domain.models.decision import AuthoredRow
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.platform import Platform
from domain.models.provenance import ProvenancedRow
from domain.models.run import Run
from domain.runs.acceptance import end_run
from domain.runs.observation import ObservedEntry, ObservedOffer
from domain.runs.platforms import PlatformFacts, register_platform
from domain.runs.runs import open_run, store_observations
from domain.runs.validation import RunCounts, RunExpectations

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def make_author(text: str) -> Author:
    """The author that a text such as « matcher 1 » tells; anybody else is known by the text alone."""
    kind, _, version = text.partition(" ")
    return Author.by_matcher(version) if kind == "matcher" else Author.from_text(text)


def make_decision(
    verdict: Verdict,
    film_id: int | None,
    author: str,
    reason: str,
    probability: float | None = None,
    weights_by_level: dict[str, float] | None = None,
    **facts: Any,
) -> Decision:
    """A decision whose author and reason are told in a few words."""
    return Decision(
        verdict, film_id, make_author(author), [Reason.from_text(reason)], probability, weights_by_level or {}, **facts
    )


def make_proposal(film_id: int, probability: float, reason: str, weights_by_level: dict[str, float]) -> Proposal:
    """A film put forward for a reason told in a few words."""
    return Proposal(film_id, probability, weights_by_level, Reason.from_text(reason))


def read_author(session: Session, row: AuthoredRow) -> str:
    """Who decided, as it is shown."""
    return format_author(row, get_agent_logins(session))


def read_provenance(session: Session, row: ProvenancedRow) -> str:
    """Where a title or an identifier comes from, as it is shown."""
    return format_provenance(row, get_agent_logins(session))


def make_film(film_id: int, title: str, year: int | None = None) -> Film:
    return Film(
        id=film_id,
        source="films",
        source_ref=str(film_id),
        title=title,
        slug="un-film",
        year=year,
        content_hash="",
        updated_at=NOON,
    )


def make_platform(session: Session, slug: str = "cine-exemple", basis: LegalBasis = LegalBasis.OPEN) -> Platform:
    facts = PlatformFacts(
        slug=slug, name=slug.title(), operator="Exemple SA", country="FR", status=PlatformStatus.OPEN,
        legal_basis=basis, legal_evidence="un exemple", legal_checked_on=date(2026, 11, 22),
    )  # fmt: skip
    return register_platform(session, facts)


def make_observation(ref: str, title: str, *offers: ObservedOffer, **facts: object) -> ObservedEntry:
    return ObservedEntry.model_validate({"ref": ref, "title": title, "offers": offers, **facts})


def make_rental(cents: int | None = 299, **facts: object) -> ObservedOffer:
    return ObservedOffer.model_validate({"access": Access.RENT, "price_cents": cents, "url": "https://cine.example/1", **facts})


def collect_run(
    session: Session,
    platform: Platform,
    observations: list[ObservedEntry],
    at: datetime = NOON,
    expect: RunExpectations | None = None,
    outcome: Outcome = Outcome.COMPLETE,
) -> Run:
    """Collect these titles and end the run as the collector would."""
    run = open_run(session, platform, at)
    assert run.id is not None
    store_observations(session, run.id, observations)
    run.counts = RunCounts(rows=len(observations), kept=len(observations)).model_dump()
    end_run(session, run, expect or RunExpectations(), outcome, at)
    session.flush()
    return run


def link_entry(session: Session, entry: Entry, film: Film, at: datetime = NOON) -> None:
    """Decide that the entry is the film."""
    assert entry.id is not None
    record_decision(session, entry.id, None, make_decision(Verdict.SAME, film.id, "matcher test", "titre exact"), at)
    session.flush()
