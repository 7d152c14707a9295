"""Small true records, for the tests of every room."""

from datetime import UTC, date, datetime

from sqlmodel import Session

from domain.common.enums import Access, LegalBasis, Outcome, PlatformStatus, Verdict
from domain.linking.judgements import Decision, decide
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.acceptance import settle
from domain.runs.observation import Observed, ObservedOffer
from domain.runs.platforms import PlatformFacts, register
from domain.runs.runs import open_run, store_observations
from domain.runs.validation import Expect, RunCounts

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def a_film(number: int, title: str, year: int | None = None) -> Film:
    return Film(
        id=number, source="films", source_ref=str(number), title=title, slug="un-film", year=year, content_hash="", updated=NOON
    )  # fmt: skip


def a_platform(session: Session, slug: str = "cine-exemple", basis: LegalBasis = LegalBasis.OPEN) -> Platform:
    facts = PlatformFacts(
        slug=slug, name=slug.title(), operator="Exemple SA", country="FR", status=PlatformStatus.OPEN,
        legal_basis=basis, legal_evidence="un exemple", legal_checked_on=date(2026, 11, 22),
    )  # fmt: skip
    return register(session, facts)


def a_line(ref: str, title: str, *offers: ObservedOffer, **facts: object) -> Observed:
    return Observed.model_validate({"ref": ref, "title": title, "offers": offers, **facts})


def rent(cents: int | None = 299, **facts: object) -> ObservedOffer:
    return ObservedOffer.model_validate({"access": Access.RENT, "price_cents": cents, "url": "https://cine.example/1", **facts})


def collected(session: Session, platform: Platform, lines: list[Observed], at: datetime = NOON, expect: Expect | None = None,
              outcome: Outcome = Outcome.COMPLETE) -> Run:  # fmt: skip
    """A run of these lines, settled as the collector would."""
    run = open_run(session, platform, at)
    assert run.id is not None
    store_observations(session, run.id, lines)
    run.counts = RunCounts(rows=len(lines), kept=len(lines)).model_dump()
    settle(session, run, expect or Expect(), outcome, at)
    session.flush()
    return run


def linked(session: Session, entry: Entry, film: Film, at: datetime = NOON) -> None:
    """The entry decided to be the film."""
    assert entry.id is not None
    decide(session, entry.id, None, Decision(Verdict.SAME, film.id, "matcher test", "titre exact"), at)
    session.flush()
