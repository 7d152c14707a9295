"""Films enriched from open data: whom to ask about next, and what an answer changes."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import and_, delete, insert, not_, or_, update
from sqlmodel import Session, col, select

from domain.common.enums import LookupFinding, ReasonCode, RecordState
from domain.common.identifiers import parse_identifier
from domain.common.text import romanise_text, split_words
from domain.films.attribute_merge import IdentifierPair, build_title_rows
from domain.films.formats import FilmRecord
from domain.films.source_records import RecordDecision, SourceRecordStore
from domain.linking.authors import Author
from domain.linking.judgements import Proposal
from domain.linking.provenance import is_from_sources
from domain.linking.reasons import Reason, build_reason_columns
from domain.models.film import EnrichmentRequest, Film, FilmIdentifier, FilmTitle, SourceRecord


@dataclass(frozen=True)
class FilmQuery:
    """A film to ask about, by the numbers that others than the source gave it."""

    film_id: int
    identifiers: tuple[IdentifierPair, ...]


@dataclass(frozen=True)
class EnrichmentResult:
    """What a source says of a film: its line when one item bears the film's numbers, else `told`, why there is none."""

    film_id: int
    finding: LookupFinding
    record: FilmRecord | None = None
    message: str = ""


@dataclass
class EnrichmentReport:
    """Counts of an enrichment: films by finding, what they gained by name, and what a person should know of."""

    findings: Counter[LookupFinding] = field(default_factory=Counter)
    merged_counts: Counter[str] = field(default_factory=Counter)
    messages: list[str] = field(default_factory=list)


def list_films_to_enrich(
    session: Session, source: str, schemes: Collection[str], before: datetime, after_id: int, limit: int
) -> list[FilmQuery]:
    """The next films over number `after` that bear a number of these schemes and were not asked about since `before`."""
    enquired = and_(col(EnrichmentRequest.film_id) == FilmIdentifier.film_id, col(EnrichmentRequest.source) == source)
    given_by_others = not_(is_from_sources(FilmIdentifier, (source,)))
    borne = select(FilmIdentifier.film_id).outerjoin(EnrichmentRequest, enquired).where(FilmIdentifier.film_id > after_id)
    borne = borne.where(col(FilmIdentifier.scheme).in_(schemes), given_by_others)
    due = borne.where(or_(col(EnrichmentRequest.requested_at).is_(None), col(EnrichmentRequest.requested_at) < before))
    numbers = session.exec(due.distinct().order_by(col(FilmIdentifier.film_id)).limit(limit)).all()
    held = select(FilmIdentifier).where(col(FilmIdentifier.film_id).in_(numbers), given_by_others)
    pairs: dict[int, list[IdentifierPair]] = {number: [] for number in numbers}
    for one in session.exec(held.where(col(FilmIdentifier.scheme).in_(schemes)).order_by(col(FilmIdentifier.id))):
        if parse_identifier(one.scheme, one.value) == one.value:
            pairs[one.film_id].append((one.scheme, one.value))
    return [FilmQuery(number, tuple(found)) for number, found in pairs.items()]


def store_enrichment_results(
    session: Session, source: str, results: Sequence[EnrichmentResult], now: datetime
) -> EnrichmentReport:
    """Writes what a source said of films, in the caller's transaction: the gains of sure answers, the others' doubts.

    A person's word about an item stands. An item that is another film's already is told, not shared.
    """
    done = EnrichmentReport()
    lines = {answer.record.source_ref for answer in results if answer.record}
    book = SourceRecordStore(session, source, now, only=list(lines))
    films = {film.id: film for film in session.exec(select(Film).where(col(Film.id).in_([told.film_id for told in results])))}
    for answer in results:
        finding, told = answer.finding, answer.message
        if answer.record:
            finding, told = _link_record(session, book, films[answer.film_id], answer.record, source)
        done.findings[finding] += 1
        if told:
            done.messages.append(f"film {answer.film_id} ({films[answer.film_id].title}) : {told}")
        _record_lookup(session, answer.film_id, source, finding, now)
    book.release_films(_unlink_lost_records(session, source, [told.film_id for told in results], lines, now))
    gains = book.save_changes()
    done.merged_counts = gains.counts
    done.messages += [f"{ref} : {conflict}" for ref, conflict in gains.conflicts]
    return done


def _record_lookup(session: Session, film_id: int, source: str, finding: LookupFinding, now: datetime) -> None:
    connection = session.connection()
    connection.execute(
        delete(EnrichmentRequest).where(col(EnrichmentRequest.film_id) == film_id, col(EnrichmentRequest.source) == source)
    )
    connection.execute(insert(EnrichmentRequest).values(film_id=film_id, source=source, requested_at=now, finding=finding))


def _link_record(
    session: Session, book: SourceRecordStore, film: Film, record: FilmRecord, source: str
) -> tuple[LookupFinding, str]:
    """Joins an item to a film, or says why not."""
    holder, author = book.get_film_id(record), Author.by_source(source)
    if book.is_decided_by_person(record):
        if not book.is_unchanged(record):
            book.update_record(record)
        word = f"est le film {holder}, dit une personne" if holder else "laisse une personne dans le doute"
        return (LookupFinding.FOUND, "") if holder == film.id else (LookupFinding.CONTRADICTED, f"{record.source_ref} {word}")
    if holder is not None and holder != film.id:
        return LookupFinding.SEVERAL, f"{record.source_ref} est déjà rattaché au film {holder}"
    if _is_contradicted(session, film, record):
        near = Proposal(film.id, 0.0, {}, Reason(ReasonCode.IDENTIFIER_ONLY))
        doubt = RecordDecision(RecordState.DOUBTFUL, author, [near.reason], doubt="identifier", proposals=(near,))
        book.apply_decision(record, doubt)
        return (
            LookupFinding.CONTRADICTED,
            f"{record.source_ref} porte son numéro mais ni son titre, ni son année, ni son réalisateur",
        )
    if holder is None or not book.is_unchanged(record):
        reasons = [Reason(ReasonCode.SAME_IDENTIFIER)]
        book.apply_decision(record, RecordDecision(RecordState.LINKED, author, reasons, film.id, 1.0))
    return LookupFinding.FOUND, ""


def _unlink_lost_records(
    session: Session, source: str, film_ids: Sequence[int], current_refs: set[str], now: datetime
) -> set[int]:
    """Items that were these films' and are no more give nothing any longer; the films they left."""
    here = (col(SourceRecord.source) == source, col(SourceRecord.film_id).in_(film_ids), col(SourceRecord.by_person).is_(False))
    apart = (*here, col(SourceRecord.state) == RecordState.LINKED, col(SourceRecord.source_ref).not_in(current_refs))
    left = set(session.exec(select(SourceRecord.film_id).where(*apart)))
    reason = build_reason_columns([Reason(ReasonCode.IDENTIFIER_LOST)])
    gone = {"state": RecordState.ASIDE, "film_id": None, "decided_at": now, **reason}
    session.connection().execute(update(SourceRecord).where(*apart).values(**gone))
    return {film_id for film_id in left if film_id}


def _is_contradicted(session: Session, film: Film, record: FilmRecord) -> bool:
    """Whether nothing known on both sides agrees, out of title, year and director, and two at least disagree.

    A number alone never overrules them.
    """
    keys = set(session.exec(select(FilmTitle.key).where(FilmTitle.film_id == film.id)))
    years = [moment for moment in (film.year, film.release_date and film.release_date.year) if moment]
    other = [moment for moment in (record.year, record.release_date and record.release_date.year) if moment]
    agreements = [bool(keys & {told["key"] for told in build_title_rows(record)})]
    if years and other:
        agreements.append(min(abs(one - two) for one in years for two in other) <= 1)
    if film.directors and record.directors:
        agreements.append(bool(_normalise_names(film.directors) & _normalise_names(record.directors)))
    return not any(agreements) and len(agreements) > 1


def _normalise_names(people: Sequence[str]) -> set[str]:
    """What two writings of one name share: its words in any order, or its last word."""
    split = [split_words(romanise_text(name)) for name in people]
    return {" ".join(sorted(parts)) for parts in split} | {parts[-1] for parts in split if parts}
