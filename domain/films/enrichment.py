"""Enrich films from a source of open data: list the films to look up next, and store what the source says of them."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import and_, delete, insert, not_, or_, update
from sqlmodel import Session, col, select

from domain.common.enums import LookupFinding, ReasonCode, RecordState
from domain.common.identifiers import parse_identifier
from domain.common.text import romanise_text, split_words
from domain.films.attribute_merge import IdentifierPair
from domain.films.formats import FilmRecord
from domain.films.source_records import RecordDecision, SourceRecordStore
from domain.films.title_rows import build_title_rows
from domain.linking.authors import Author
from domain.linking.judgements import Proposal
from domain.linking.provenance import is_from_sources
from domain.linking.reasons import Reason, build_reason_columns
from domain.models.film import EnrichmentRequest, Film, FilmIdentifier, FilmTitle, SourceRecord


@dataclass(frozen=True)
class FilmQuery:
    """Represent a film to look up, by the identifiers that others than the source gave it."""

    film_id: int
    identifiers: tuple[IdentifierPair, ...]


@dataclass(frozen=True)
class EnrichmentResult:
    """Represent what a source says of a film: its record when one item has the film's identifiers, else why there is none."""

    film_id: int
    finding: LookupFinding
    record: FilmRecord | None = None
    message: str = ""


@dataclass
class EnrichmentReport:
    """Count the films by finding and what they gained by name; `messages` are what a person should know, in French."""

    findings: Counter[LookupFinding] = field(default_factory=Counter)
    merged_counts: Counter[str] = field(default_factory=Counter)
    messages: list[str] = field(default_factory=list)


def list_films_to_enrich(
    session: Session, source: str, schemes: Collection[str], before: datetime, after_id: int, limit: int
) -> list[FilmQuery]:
    """Return the next films by id over `after_id` that have an identifier of these schemes and were not looked up since."""
    requested = and_(col(EnrichmentRequest.film_id) == FilmIdentifier.film_id, col(EnrichmentRequest.source) == source)
    usable = (col(FilmIdentifier.scheme).in_(schemes), not_(is_from_sources(FilmIdentifier, (source,))))
    is_due = or_(col(EnrichmentRequest.requested_at).is_(None), col(EnrichmentRequest.requested_at) < before)
    stmt = select(FilmIdentifier.film_id).outerjoin(EnrichmentRequest, requested)
    stmt = stmt.where(FilmIdentifier.film_id > after_id, *usable, is_due)
    film_ids = session.exec(stmt.distinct().order_by(col(FilmIdentifier.film_id)).limit(limit)).all()
    return list_film_queries(session, source, schemes, film_ids)


def list_film_queries(session: Session, source: str, schemes: Collection[str], film_ids: Sequence[int]) -> list[FilmQuery]:
    """Return these films with the identifiers of these schemes that others than the source gave them, as they are now."""
    pairs: dict[int, list[IdentifierPair]] = {film_id: [] for film_id in film_ids}
    stmt = select(FilmIdentifier.film_id, FilmIdentifier.scheme, FilmIdentifier.value).order_by(col(FilmIdentifier.id))
    by_others = not_(is_from_sources(FilmIdentifier, (source,)))
    # A condition on the scheme would make SQLite read the index of all the numbers of these schemes.
    for film_id, scheme, value in session.exec(stmt.where(col(FilmIdentifier.film_id).in_(film_ids), by_others)):
        if scheme in schemes and parse_identifier(scheme, value) == value:
            pairs[film_id].append((scheme, value))
    return [FilmQuery(film_id, tuple(film_pairs)) for film_id, film_pairs in pairs.items()]


def store_enrichment_results(
    session: Session, source: str, results: Sequence[EnrichmentResult], now: datetime
) -> EnrichmentReport:
    """Store what a source says of films, in the caller's transaction: sure records are merged, the others doubted.

    A person's word about a record is final. A record that is another film's already is reported, not shared.
    """
    report = EnrichmentReport()
    refs = {result.record.source_ref for result in results if result.record}
    film_ids = [result.film_id for result in results]
    store = SourceRecordStore(session, source, now, only=list(refs))
    films = {film.id: film for film in session.exec(select(Film).where(col(Film.id).in_(film_ids)))}
    for result in results:
        finding, message = result.finding, result.message
        if result.record:
            finding, message = _link_record(session, store, films[result.film_id], result.record, source)
        report.findings[finding] += 1
        if message:
            report.messages.append(f"film {result.film_id} ({films[result.film_id].title}) : {message}")
        _record_lookup(session, result.film_id, source, finding, now)
    store.release_films(_unlink_lost_records(session, source, film_ids, refs, now))
    merged = store.save_changes()
    report.merged_counts = merged.counts
    report.messages += [f"{ref} : {conflict}" for ref, conflict in merged.conflicts]
    return report


def _record_lookup(session: Session, film_id: int, source: str, finding: LookupFinding, now: datetime) -> None:
    same_film = (col(EnrichmentRequest.film_id) == film_id, col(EnrichmentRequest.source) == source)
    connection = session.connection()
    connection.execute(delete(EnrichmentRequest).where(*same_film))
    connection.execute(insert(EnrichmentRequest).values(film_id=film_id, source=source, requested_at=now, finding=finding))


def _link_record(
    session: Session, store: SourceRecordStore, film: Film, record: FilmRecord, source: str
) -> tuple[LookupFinding, str]:
    """Link a record to a film, and return what was found and, where it was not linked, why."""
    linked_id, author = store.get_film_id(record), Author.by_source(source)
    if store.is_decided_by_person(record):
        return _follow_person(store, film, record, linked_id)
    if linked_id is not None and linked_id != film.id:
        return LookupFinding.SEVERAL, f"{record.source_ref} est déjà rattaché au film {linked_id}"
    if _is_contradicted(session, film, record):
        proposal = Proposal(film.id, 0.0, {}, Reason(ReasonCode.IDENTIFIER_ONLY))
        reasons = [proposal.reason]
        doubt = RecordDecision(RecordState.DOUBTFUL, author, reasons, doubt="identifier", proposals=(proposal,))
        store.apply_decision(record, doubt)
        message = f"{record.source_ref} porte son numéro mais ni son titre, ni son année, ni son réalisateur"
        return LookupFinding.CONTRADICTED, message
    if linked_id is None or not store.is_unchanged(record):
        reasons = [Reason(ReasonCode.SAME_IDENTIFIER)]
        store.apply_decision(record, RecordDecision(RecordState.LINKED, author, reasons, film.id, 1.0))
    return LookupFinding.FOUND, ""


def _follow_person(store: SourceRecordStore, film: Film, record: FilmRecord, linked_id: int | None) -> tuple[LookupFinding, str]:
    """Update a record that a person decided, and return what that decision means for the film."""
    if not store.is_unchanged(record):
        store.update_record(record)
    if linked_id == film.id:
        return LookupFinding.FOUND, ""
    verdict = f"est le film {linked_id}, dit une personne" if linked_id else "laisse une personne dans le doute"
    return LookupFinding.CONTRADICTED, f"{record.source_ref} {verdict}"


def _unlink_lost_records(
    session: Session, source: str, film_ids: Sequence[int], current_refs: set[str], now: datetime
) -> set[int]:
    """Set aside the records that were these films' and are theirs no more, and return the films they left."""
    is_lost = (
        col(SourceRecord.source) == source,
        col(SourceRecord.film_id).in_(film_ids),
        col(SourceRecord.by_person).is_(False),
        col(SourceRecord.state) == RecordState.LINKED,
        col(SourceRecord.source_ref).not_in(current_refs),
    )
    left_ids = set(session.exec(select(SourceRecord.film_id).where(*is_lost)))
    reason = build_reason_columns([Reason(ReasonCode.IDENTIFIER_LOST)])
    values = {"state": RecordState.ASIDE, "film_id": None, "decided_at": now, **reason}
    session.connection().execute(update(SourceRecord).where(*is_lost).values(**values))
    return {film_id for film_id in left_ids if film_id}


def _is_contradicted(session: Session, film: Film, record: FilmRecord) -> bool:
    """Tell whether nothing known on both sides agrees, out of title, year and director, and two at least disagree.

    An identifier alone never overrules them.
    """
    title_keys = set(session.exec(select(FilmTitle.key).where(FilmTitle.film_id == film.id)))
    agreements = [any(row["key"] in title_keys for row in build_title_rows(record))]
    film_years, record_years = _list_years(film), _list_years(record)
    if film_years and record_years:
        gaps = [abs(year - other) for year in film_years for other in record_years]
        agreements.append(min(gaps) <= 1)
    if film.directors and record.directors:
        agreements.append(bool(_normalise_names(film.directors) & _normalise_names(record.directors)))
    return not any(agreements) and len(agreements) > 1


def _list_years(work: Film | FilmRecord) -> list[int]:
    """Return the years known of a work: of production, then of its French release."""
    years = [work.year] if work.year else []
    if work.release_date:
        years.append(work.release_date.year)
    return years


def _normalise_names(people: Sequence[str]) -> set[str]:
    """Return what two spellings of one name share: its words in order, or its last word."""
    keys: set[str] = set()
    for name in people:
        words = split_words(romanise_text(name))
        if words:
            keys.add(" ".join(sorted(words)))
            keys.add(words[-1])
    return keys
