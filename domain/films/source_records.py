"""Store the records of a second source and what machines and persons decide of them: linked, doubtful, new or set aside."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, delete, insert, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from domain.common.enums import CaseCause, RecordState, Verdict
from domain.common.errors import UserError
from domain.films.attribute_merge import MergeResult, merge_attributes
from domain.films.formats import FilmRecord
from domain.films.upsert import FilmWriter
from domain.linking.authors import Author
from domain.linking.cases import is_open_case
from domain.linking.judgements import Proposal
from domain.linking.reasons import Reason, build_reason_columns
from domain.models.film import Film, FilmDirector, FilmIdentifier, FilmTitle, SourceRecord
from domain.models.review_case import ReviewCase


@dataclass(frozen=True)
class RecordDecision:
    """Represent what is decided of a record of a second source, by whom and why; `film_id` is its film when it is linked.

    `reasons` are in the order they applied: the last one decided. `weights_by_level` are what each comparison with the most
    probable film weighed. `doubt` names what made the matcher doubt, `proposals` are the films near it, most probable first.
    """

    state: RecordState
    author: Author
    reasons: Sequence[Reason]
    film_id: int | None = None
    probability: float | None = None
    doubt: str = ""
    proposals: tuple[Proposal, ...] = ()
    weights_by_level: Mapping[str, float] = field(default_factory=dict)


Linker = Callable[[Sequence[FilmRecord]], Sequence[RecordDecision]]
"""Decides records of one source against the films of the database, in their order."""


class _StoredRecord(NamedTuple):
    id: int
    content_hash: str
    state: RecordState
    by_person: bool
    film_id: int | None

    @property
    def linked_film_ids(self) -> set[int]:
        """The film that gains from the record, if any."""
        if self.film_id is None or self.state is not RecordState.LINKED:
            return set()
        return {self.film_id}


def build_record_payload(record: FilmRecord) -> dict[str, Any]:
    """Return what a record says, as `SourceRecord.payload` keeps it."""
    return record.model_dump(mode="json")


def hash_payload(payload: dict[str, Any]) -> str:
    """Return a hash that changes with a payload."""
    return hashlib.sha256(json.dumps(payload, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]


class SourceRecordStore:
    """Hold the stored records of one source, and collect what an import changes of them until `save_changes`."""

    def __init__(self, session: Session, source: str, now: datetime, only: Sequence[str] | None = None) -> None:
        """Read the stored records; `only` are the ids of the records to come, where they are few: the rest is not read."""
        self._session, self._source, self._now = session, source, now
        self._is_read = col(SourceRecord.source) == source
        if only is not None:
            self._is_read = and_(self._is_read, col(SourceRecord.source_ref).in_(only))
        columns = (
            SourceRecord.source_ref,
            SourceRecord.id,
            SourceRecord.content_hash,
            SourceRecord.state,
            SourceRecord.by_person,
            SourceRecord.film_id,
        )
        rows = session.exec(select(*columns).where(self._is_read))  # type: ignore[call-overload]
        self._stored = {row[0]: _StoredRecord(*row[1:]) for row in rows}
        self._new: list[dict[str, Any]] = []
        self._changed: list[tuple[int, dict[str, Any]]] = []
        self._released_films: set[int] = set()
        self._linked_films: set[int] = set()
        self._decided: dict[str, tuple[FilmRecord, RecordDecision]] = {}

    def has_record(self, record: FilmRecord) -> bool:
        """Tell whether the record is stored, as it is or otherwise."""
        return record.source_ref in self._stored

    def get_film_id(self, record: FilmRecord) -> int | None:
        """Return the film that the record is, as far as it was decided."""
        if record.source_ref in self._decided:
            return self._decided[record.source_ref][1].film_id
        stored = self._stored.get(record.source_ref)
        return stored.film_id if stored else None

    def is_decided_by_person(self, record: FilmRecord) -> bool:
        """Tell whether a person said which film the record is."""
        stored = self._stored.get(record.source_ref)
        return stored is not None and stored.by_person

    def is_resolved(self, record: FilmRecord, retry_set_aside: bool) -> bool:
        """Tell whether nothing is to be decided: a person did, or a machine did and the record did not change."""
        if self.is_decided_by_person(record):
            return True
        stored = self._stored.get(record.source_ref)
        is_retried = stored is not None and stored.state is RecordState.ASIDE and retry_set_aside
        return self.is_unchanged(record) and not is_retried

    def is_unchanged(self, record: FilmRecord) -> bool:
        """Tell whether the record says what the stored one says."""
        stored = self._stored.get(record.source_ref)
        return stored is not None and stored.content_hash == hash_payload(build_record_payload(record))

    def update_record(self, record: FilmRecord) -> None:
        """Update what a record says without deciding it again: its film gains that instead."""
        stored, payload = self._stored[record.source_ref], build_record_payload(record)
        self._changed.append((stored.id, {"payload": payload, "content_hash": hash_payload(payload)}))
        self._linked_films |= stored.linked_film_ids

    def apply_decision(self, record: FilmRecord, decision: RecordDecision) -> None:
        """Record a machine's decision."""
        stored = self._stored.get(record.source_ref)
        row = _build_record_row(record, decision) | {"decided_at": self._now}
        if stored is None:
            self._new.append(row | {"source": self._source, "source_ref": record.source_ref})
        else:
            self._changed.append((stored.id, row))
            self._released_films |= stored.linked_film_ids
        if decision.film_id and decision.state is RecordState.LINKED:
            self._linked_films.add(decision.film_id)
        self._decided[record.source_ref] = (record, decision)

    def release_films(self, film_ids: set[int]) -> None:
        """Note films that records left by another way: they lose what these gave."""
        self._released_films |= film_ids

    def save_changes(self, extra_film_ids: Iterable[int] = ()) -> MergeResult:
        """Write records and cases, then what films gain: those that a record joined or left, and the extra ones."""
        connection = self._session.connection()
        for record_id, row in self._changed:
            stmt = update(SourceRecord).where(col(SourceRecord.id) == record_id)
            if "state" in row:  # a person may have said which film the record is since it was read
                stmt = stmt.where(col(SourceRecord.by_person).is_(False))
            connection.execute(stmt.values(**row))
        if self._new:
            connection.execute(insert(SourceRecord), self._new)
        self._write_review_cases()
        merge_attributes(self._session, self._released_films, self._now)
        return merge_attributes(self._session, self._linked_films.union(extra_film_ids), self._now)

    def _write_review_cases(self) -> None:
        """Open or update a case for each doubtful record, and close those of the records that are doubtful no more."""
        record_ids = dict(self._session.exec(select(SourceRecord.source_ref, SourceRecord.id).where(self._is_read)).all())
        open_cases = select(ReviewCase.source_record_id, ReviewCase.id).where(is_open_case())
        case_ids = dict(self._session.exec(open_cases.where(col(ReviewCase.source_record_id).is_not(None))).all())
        connection = self._session.connection()
        new_cases: list[dict[str, Any]] = []
        for ref, (record, decision) in self._decided.items():
            case_id = case_ids.get(record_ids[ref])
            is_doubtful = decision.state is RecordState.DOUBTFUL
            if case_id is not None:
                values = _build_case_row(record, decision) if is_doubtful else _build_closed_case(decision, self._now)
                connection.execute(update(ReviewCase).where(col(ReviewCase.id) == case_id).values(**values))
            elif is_doubtful:
                opened = {"source_record_id": record_ids[ref], "opened_at": self._now}
                new_cases.append(_build_case_row(record, decision) | opened)
        if new_cases:
            connection.execute(insert(ReviewCase), new_cases)


def _build_record_row(record: FilmRecord, decision: RecordDecision) -> dict[str, Any]:
    payload = build_record_payload(record)
    return {
        "payload": payload,
        "content_hash": hash_payload(payload),
        "state": decision.state,
        "film_id": decision.film_id,
        "probability": decision.probability,
        "weights_by_level": dict(decision.weights_by_level),
        "proposals": [asdict(proposal) for proposal in decision.proposals],
        "by_person": False,
        **asdict(decision.author),
        **build_reason_columns(decision.reasons),
    }


def _build_case_row(record: FilmRecord, decision: RecordDecision) -> dict[str, Any]:
    return {
        "cause": CaseCause.DOUBT,
        "doubt": decision.doubt,
        "film_id": decision.proposals[0].film_id if decision.proposals else None,
        "probability": decision.probability,
        "popularity": record.popularity,
    }


def _build_closed_case(decision: RecordDecision, now: datetime) -> dict[str, Any]:
    outcome = Verdict.SAME if decision.state is RecordState.LINKED else Verdict.NONE
    return {"closed_at": now, "outcome": outcome, "chosen_id": decision.film_id}


def resolve_record(session: Session, record: SourceRecord, film_id: int | None, author: Author, now: datetime) -> MergeResult:
    """Record a person's word on which film a record is, None for a film of its own, in the caller's transaction.

    Raises UserError when the record is a film of its own already.
    """
    if record.state is RecordState.NEW:
        raise UserError(f"{record.source} {record.source_ref} est déjà un film à part (n° {record.film_id})")
    released: set[int] = set()
    if record.film_id is not None and record.state is RecordState.LINKED:
        released.add(record.film_id)
    conflicts: list[tuple[str, str]] = []
    if film_id is None:
        conflicts = _create_own_film(session, record, released, now)
    else:
        record.state, record.film_id = RecordState.LINKED, film_id
    record.sqlmodel_update(asdict(author))
    record.by_person, record.decided_at = True, now
    session.add(record)
    session.flush()
    merge_attributes(session, released, now)
    result = merge_attributes(session, set() if film_id is None else {film_id}, now)
    result.conflicts += conflicts
    return result


def _create_own_film(session: Session, record: SourceRecord, released: set[int], now: datetime) -> list[tuple[str, str]]:
    """Make the record a film of its own, and return the identifiers that it could not have."""
    record.state, record.film_id = RecordState.DOUBTFUL, None
    session.add(record)
    session.flush()
    merge_attributes(session, released, now)  # the identifiers that it gave are free again
    film_record = FilmRecord.from_payload(record.payload)
    writer = FilmWriter(session, record.source, [film_record])
    writer.add_record(film_record)
    writer.write_films(session, now)
    record.state, record.film_id = RecordState.NEW, writer.film_ids[record.source_ref]
    return [(record.source_ref, fault.reason) for fault in writer.faults]


def reopen_record(session: Session, record: SourceRecord, now: datetime) -> None:
    """Undo what was decided of a record: it is doubtful again, and its film loses what it gave.

    Raises UserError when the film that was made of it has served since, or was merged into another.
    """
    own_film = select(Film.merged_into).where(Film.source == record.source, Film.source_ref == record.source_ref)
    merged_into = session.exec(own_film).first()
    if merged_into is not None:
        raise UserError(f"cette ligne est une fiche réunie à celle du film {merged_into} : c'est de là qu'elle se sépare")
    state, film_id = record.state, record.film_id
    record.state, record.film_id, record.by_person, record.decided_at = RecordState.DOUBTFUL, None, False, now
    session.add(record)
    session.flush()
    if film_id is not None and state is RecordState.LINKED:
        merge_attributes(session, {film_id}, now)
    elif film_id is not None and state is RecordState.NEW:
        _delete_film(session, film_id)


def _delete_film(session: Session, film_id: int) -> None:
    """Delete a film. Raises UserError when something refers to it."""
    try:
        with session.begin_nested():
            for table in (FilmTitle, FilmIdentifier, FilmDirector):
                session.exec(delete(table).where(col(table.film_id) == film_id))
            session.exec(delete(Film).where(col(Film.id) == film_id))
    except IntegrityError:
        raise UserError(f"le film {film_id} a déjà servi : il ne peut plus être retiré") from None
