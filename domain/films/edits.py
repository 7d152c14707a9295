"""A film corrected by a person: facts set or given back to their base, titles and numbers added or taken away."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from domain.accounts.audit_trail import note
from domain.common.enums import TitleKind
from domain.common.errors import Problem
from domain.common.identifiers import SCHEMES, read_identifier
from domain.common.text import clean, slugify
from domain.common.titles import title_key
from domain.films.attribute_merge import regain
from domain.films.directors import renew_directors
from domain.films.overrides import EDITABLE, LEFT_OUT, as_json, from_json, giver, left_out, name_titles, number_mark, title_mark
from domain.films.snapshot import changes, facts_mark, read_sheet, refuse_held
from domain.models.agent import Agent, AuditLine
from domain.models.film import Film, FilmIdentifier, FilmTitle

NUMBERED = ("cnc", *SCHEMES)
"""The schemes of the numbers that a person may give to a film."""


def lock_film(session: Session, film_id: int) -> Film:
    """A film that nobody else changes until the transaction ends. Raises Problem when unknown, or merged into another."""
    asked = select(Film).where(Film.id == film_id).with_for_update().execution_options(populate_existing=True)
    film = session.exec(asked).first()
    if film is None:
        raise Problem(f"film inconnu : n° {film_id}")
    if film.merged_into is not None:
        raise Problem(f"cette fiche est réunie à celle du film n° {film.merged_into} : c’est elle qui se corrige")
    return film


def read_reason(reason: str) -> str:
    """The reason of an act, on one line. Raises Problem when there is none, or when it is too long."""
    told = clean(reason)
    if not 0 < len(told) <= 500:
        raise Problem("un motif est attendu, de 500 caractères au plus : il reste dans l’historique")
    return told


def _correct(
    session: Session, film_id: int, agent: Agent, action: str, reason: str, now: datetime, change: Callable[[Film], None]
) -> AuditLine:
    """Changes a film, lets its lines give what it lacks, and writes the trace. Raises Problem when nothing changes."""
    film = lock_film(session, film_id)
    told, before = read_reason(reason), read_sheet(session, film)
    film.updated = now
    change(film)
    session.add(film)
    session.flush()
    regain(session, {film_id}, now)
    was, became = changes(before, read_sheet(session, session.get_one(Film, film_id)))
    if not was and not became:
        raise Problem("rien n’a changé : la fiche disait déjà cela")
    return note(session, now, agent.id, action, film_id=film_id, detail={"reason": told}, before=was, after=became)


def edit_facts(
    session: Session, film_id: int, agent: Agent, seen: str, facts: Mapping[str, Any], reason: str, now: datetime
) -> AuditLine:
    """Sets the facts that differ from what the film says; `seen` is the `facts_mark` of what the agent had on screen.

    Raises Problem when the film changed meanwhile, or when nothing changes.
    """

    def change(film: Film) -> None:
        if facts_mark(read_sheet(session, film)) != seen:
            raise Problem("cette fiche a changé entre-temps : relisez-la avant de la corriger")
        for fact in EDITABLE:
            if fact in facts and as_json(facts[fact]) != as_json(getattr(film, fact)):
                _set_fact(film, fact, facts[fact])
        _follow(session, film, giver(agent.login))

    return _correct(session, film_id, agent, "film-edit", reason, now, change)


def _set_fact(film: Film, fact: str, value: Any) -> None:
    """The person's word in place of the base's, which is kept aside; a fact gained is not the base's own."""
    own = as_json(getattr(film, fact))
    if fact in film.gained:
        own = [] if isinstance(own, list) else None
    film.edited = {fact: own, **film.edited}
    film.gained = {name: base for name, base in film.gained.items() if name != fact}
    setattr(film, fact, value)


def _follow(session: Session, film: Film, source: str) -> None:
    """What follows from a film's facts: its address, its titles' kinds, the table of directors."""
    film.slug = slugify(film.title)
    session.add(film)
    session.flush()
    name_titles(session, film, source)
    renew_directors(session, [(film.id, film.directors)])


def give_back(session: Session, film_id: int, agent: Agent, fact: str, reason: str, now: datetime) -> AuditLine:
    """Takes away what a person set: the base's word stands again. Raises Problem when nobody set this fact."""

    def change(film: Film) -> None:
        if fact not in EDITABLE or fact not in film.edited:
            raise Problem("ce fait n’a pas été corrigé à la main")
        setattr(film, fact, from_json(fact, film.edited[fact]))
        film.edited = {name: value for name, value in film.edited.items() if name != fact}
        film.content_hash = ""  # the next import writes all its titles anew
        _follow(session, film, film.source)

    return _correct(session, film_id, agent, "film-give-back", reason, now, change)


def add_title(
    session: Session, film_id: int, agent: Agent, title: str, language: str | None, reason: str, now: datetime
) -> AuditLine:
    """Gives a film another title. Raises Problem when it is empty, or the film has it."""
    told = clean(title)
    key = title_key(told)

    def change(film: Film) -> None:
        known = select(FilmTitle.id).where(FilmTitle.film_id == film.id, FilmTitle.key == key)
        if not key or len(told) > 500 or session.exec(known).first() is not None:
            raise Problem("un titre que le film n’a pas déjà est attendu, de 500 caractères au plus")
        _give_again(film, title_mark(key))
        row = FilmTitle(film_id=film.id, title=told, kind=TitleKind.ALTERNATIVE, key=key, source=giver(agent.login))
        row.language = language
        session.add(row)

    return _correct(session, film_id, agent, "film-title", reason, now, change)


def remove_title(session: Session, film_id: int, agent: Agent, title_id: int, reason: str, now: datetime) -> AuditLine:
    """Takes a title away, for ever. Raises Problem when it is not there, or is the one displayed or the original one."""

    def change(film: Film) -> None:
        row = session.get(FilmTitle, title_id)
        if row is None or row.film_id != film.id:
            raise Problem("ce titre n’est plus dans la fiche")
        if row.key in {title_key(title) for title in (film.title, film.original_title) if title}:
            raise Problem("c’est le titre affiché, ou le titre original : corrigez d’abord ce fait")
        _leave_out(film, title_mark(row.key))
        session.delete(row)

    return _correct(session, film_id, agent, "film-title-removed", reason, now, change)


def add_number(session: Session, film_id: int, agent: Agent, scheme: str, written: str, reason: str, now: datetime) -> AuditLine:
    """Gives a film a number of another base. Raises Held when another film has it, Problem when it is ill formed."""
    value = read_identifier(scheme, clean(written)) if scheme in NUMBERED else None

    def change(film: Film) -> None:
        if value is None:
            raise Problem(f"{scheme} : « {clean(written)[:60]} » n’est pas un numéro bien formé")
        refuse_held(session, scheme, value)
        _give_again(film, number_mark(scheme, value))
        try:
            with session.begin_nested():
                session.add(FilmIdentifier(film_id=film.id, scheme=scheme, value=value, source=giver(agent.login)))
        except IntegrityError:  # another agent gave it meanwhile
            raise Problem(f"{scheme} {value} vient d’être donné à un film : relisez la fiche") from None

    return _correct(session, film_id, agent, "film-number", reason, now, change)


def remove_number(session: Session, film_id: int, agent: Agent, number_id: int, reason: str, now: datetime) -> AuditLine:
    """Takes a number away, for ever. Raises Problem when it is not there."""

    def change(film: Film) -> None:
        row = session.get(FilmIdentifier, number_id)
        if row is None or row.film_id != film.id:
            raise Problem("ce numéro n’est plus dans la fiche")
        _leave_out(film, number_mark(row.scheme, row.value))
        session.delete(row)

    return _correct(session, film_id, agent, "film-number-removed", reason, now, change)


def _leave_out(film: Film, *marks: str) -> None:
    film.edited = {**film.edited, LEFT_OUT: sorted(left_out(film.edited).union(marks))}


def _give_again(film: Film, mark: str) -> None:
    away = sorted(left_out(film.edited) - {mark})
    others = {name: value for name, value in film.edited.items() if name != LEFT_OUT}
    film.edited = others | ({LEFT_OUT: away} if away else {})
