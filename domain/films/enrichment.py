"""Films enriched from open data: whom to ask about next, and what an answer changes."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import and_, delete, insert, or_, update
from sqlmodel import Session, col, select

from domain.common.enums import Finding, LineState
from domain.common.identifiers import read_identifier
from domain.common.text import romanise, words
from domain.films.attribute_merge import Pair, film_titles
from domain.films.formats import FilmLine
from domain.films.source_records import LineBook, LineDecision
from domain.linking.judgements import Proposal
from domain.models.film import BaseLine, Enquiry, Film, FilmIdentifier, FilmTitle


@dataclass(frozen=True)
class Asked:
    """A film to ask about, by the numbers that others than the source gave it."""

    film_id: int
    numbers: tuple[Pair, ...]


@dataclass(frozen=True)
class Answer:
    """What a source says of a film: its line when one item bears the film's numbers, else `told`, why there is none."""

    film_id: int
    finding: Finding
    line: FilmLine | None = None
    told: str = ""


@dataclass
class Enriched:
    """Counts of an enrichment: films by finding, what they gained by name, and what a person should know of."""

    findings: Counter[Finding] = field(default_factory=Counter)
    gained: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)


def films_to_ask(
    session: Session, source: str, schemes: Collection[str], before: datetime, after: int, limit: int
) -> list[Asked]:
    """The next films over number `after` that bear a number of these schemes and were not asked about since `before`."""
    enquired = and_(col(Enquiry.film_id) == FilmIdentifier.film_id, col(Enquiry.source) == source)
    borne = select(FilmIdentifier.film_id).outerjoin(Enquiry, enquired).where(FilmIdentifier.film_id > after)
    borne = borne.where(col(FilmIdentifier.scheme).in_(schemes), FilmIdentifier.source != source)
    due = borne.where(or_(col(Enquiry.asked).is_(None), col(Enquiry.asked) < before))
    numbers = session.exec(due.distinct().order_by(col(FilmIdentifier.film_id)).limit(limit)).all()
    held = select(FilmIdentifier).where(col(FilmIdentifier.film_id).in_(numbers), FilmIdentifier.source != source)
    pairs: dict[int, list[Pair]] = {number: [] for number in numbers}
    for one in session.exec(held.where(col(FilmIdentifier.scheme).in_(schemes)).order_by(col(FilmIdentifier.id))):
        if read_identifier(one.scheme, one.value) == one.value:
            pairs[one.film_id].append((one.scheme, one.value))
    return [Asked(number, tuple(found)) for number, found in pairs.items()]


def store_answers(session: Session, source: str, answers: Sequence[Answer], now: datetime) -> Enriched:
    """Writes what a source said of films, in the caller's transaction: the gains of sure answers, the others' doubts.

    A person's word about an item stands. An item that is another film's already is told, not shared.
    """
    done = Enriched()
    lines = {answer.line.source_ref for answer in answers if answer.line}
    book = LineBook(session, source, now, only=list(lines))
    films = {film.id: film for film in session.exec(select(Film).where(col(Film.id).in_([told.film_id for told in answers])))}
    for answer in answers:
        finding, told = answer.finding, answer.told
        if answer.line:
            finding, told = _place(session, book, films[answer.film_id], answer.line, source)
        done.findings[finding] += 1
        if told:
            done.told.append(f"film {answer.film_id} ({films[answer.film_id].title}) : {told}")
        _note(session, answer.film_id, source, finding, now)
    book.leave(_left_films(session, source, [told.film_id for told in answers], lines, now))
    gains = book.write()
    done.gained = gains.counted
    done.told += [f"{ref} : {conflict}" for ref, conflict in gains.conflicts]
    return done


def _note(session: Session, film_id: int, source: str, finding: Finding, now: datetime) -> None:
    connection = session.connection()
    connection.execute(delete(Enquiry).where(col(Enquiry.film_id) == film_id, col(Enquiry.source) == source))
    connection.execute(insert(Enquiry).values(film_id=film_id, source=source, asked=now, finding=finding))


def _place(session: Session, book: LineBook, film: Film, line: FilmLine, source: str) -> tuple[Finding, str]:
    """Joins an item to a film, or says why not."""
    holder = book.film_of(line)
    if book.by_person(line):
        if not book.unchanged(line):
            book.renew(line)
        word = f"est le film {holder}, dit une personne" if holder else "laisse une personne dans le doute"
        return (Finding.FOUND, "") if holder == film.id else (Finding.CONTRADICTED, f"{line.source_ref} {word}")
    if holder is not None and holder != film.id:
        return Finding.SEVERAL, f"{line.source_ref} est déjà rattaché au film {holder}"
    if _contradicts(session, film, line):
        near = Proposal(film.id, 0.0, "identifiant commun, rien d'autre", {})
        doubt = LineDecision(LineState.DOUBTFUL, source, near.reason, doubt="identifier", proposals=(near,))
        book.decide(line, doubt)
        return Finding.CONTRADICTED, f"{line.source_ref} porte son numéro mais ni son titre, ni son année, ni son réalisateur"
    if holder is None or not book.unchanged(line):
        book.decide(line, LineDecision(LineState.LINKED, source, "identifiant commun", film.id, 1.0))
    return Finding.FOUND, ""


def _left_films(session: Session, source: str, films: Sequence[int], found: set[str], now: datetime) -> set[int]:
    """Items that were these films' and are no more give nothing any longer; the films they left."""
    here = (col(BaseLine.source) == source, col(BaseLine.film_id).in_(films), col(BaseLine.by_person).is_(False))
    apart = (*here, col(BaseLine.state) == LineState.LINKED, col(BaseLine.source_ref).not_in(found))
    left = set(session.exec(select(BaseLine.film_id).where(*apart)))
    gone = {"state": LineState.ASIDE, "film_id": None, "reason": "n'est plus l'élément du film", "decided_at": now}
    session.connection().execute(update(BaseLine).where(*apart).values(**gone))
    return {film_id for film_id in left if film_id}


def _contradicts(session: Session, film: Film, line: FilmLine) -> bool:
    """Whether nothing known on both sides agrees, out of title, year and director, and two at least disagree.

    A number alone never overrules them.
    """
    keys = set(session.exec(select(FilmTitle.key).where(FilmTitle.film_id == film.id)))
    years = [moment for moment in (film.year, film.release_date and film.release_date.year) if moment]
    other = [moment for moment in (line.year, line.release_date and line.release_date.year) if moment]
    agreements = [bool(keys & {told["key"] for told in film_titles(line)})]
    if years and other:
        agreements.append(min(abs(one - two) for one in years for two in other) <= 1)
    if film.directors and line.directors:
        agreements.append(bool(_names(film.directors) & _names(line.directors)))
    return not any(agreements) and len(agreements) > 1


def _names(people: Sequence[str]) -> set[str]:
    """What two writings of one name share: its words in any order, or its last word."""
    split = [words(romanise(name)) for name in people]
    return {" ".join(sorted(parts)) for parts in split} | {parts[-1] for parts in split if parts}
