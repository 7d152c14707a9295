"""Correct a film by hand: set a fact or give it back to its source, add or remove titles and identifiers."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from domain.accounts.audit_trail import log_audit_event
from domain.common.enums import TitleKind
from domain.common.errors import UserError
from domain.common.identifiers import SCHEMES, parse_identifier
from domain.common.text import clean_text, slugify
from domain.common.titles import build_title_key
from domain.films.attribute_merge import merge_attributes
from domain.films.directors import replace_directors
from domain.films.overrides import (
    EDITABLE_FACTS,
    add_removed_tokens,
    discard_removed_token,
    format_identifier_token,
    format_title_token,
    from_json_value,
    sync_title_kinds,
    to_json_value,
)
from domain.films.snapshot import compute_facts_etag, diff_snapshots, require_free_identifier, take_film_snapshot
from domain.linking.provenance import Provenance
from domain.models.agent import Agent, AuditLine
from domain.models.film import Film, FilmIdentifier, FilmTitle

_MAX_LENGTH = 500
EDITABLE_SCHEMES = ("cnc", *SCHEMES)
"""The schemes of the identifiers that a person may give to a film."""


def lock_film(session: Session, film_id: int) -> Film:
    """Return a film that nobody else changes until the transaction ends. Raises UserError when unknown or merged."""
    stmt = select(Film).where(Film.id == film_id).with_for_update().execution_options(populate_existing=True)
    film = session.exec(stmt).first()
    if film is None:
        raise UserError(f"film inconnu : n° {film_id}")
    if film.merged_into is not None:
        raise UserError(f"cette fiche est réunie à celle du film n° {film.merged_into} : c’est elle qui se corrige")
    return film


def parse_reason(reason: str) -> str:
    """Return the reason of an act on one line. Raises UserError when there is none, or when it is too long."""
    text = clean_text(reason)
    if not 0 < len(text) <= _MAX_LENGTH:
        raise UserError("un motif est attendu, de 500 caractères au plus : il reste dans l’historique")
    return text


def _apply_correction(
    session: Session, film_id: int, agent: Agent, action: str, reason: str, now: datetime, change: Callable[[Film], None]
) -> AuditLine:
    """Change a film, merge its records again, and log the act. Raises UserError when nothing changes."""
    film = lock_film(session, film_id)
    detail = {"reason": parse_reason(reason)}
    snapshot = take_film_snapshot(session, film)
    film.updated_at = now
    change(film)
    session.add(film)
    session.flush()
    merge_attributes(session, {film_id}, now)
    before, after = diff_snapshots(snapshot, take_film_snapshot(session, session.get_one(Film, film_id)))
    if not before and not after:
        raise UserError("rien n’a changé : la fiche disait déjà cela")
    return log_audit_event(session, now, agent.id, action, film_id=film_id, detail=detail, before=before, after=after)


def edit_facts(
    session: Session, film_id: int, agent: Agent, seen_etag: str, facts: Mapping[str, Any], reason: str, now: datetime
) -> AuditLine:
    """Set the facts that differ from the film's; `seen_etag` is the `compute_facts_etag` of what the agent had on screen.

    Raises UserError when the film changed meanwhile, or when nothing changes.
    """

    def change(film: Film) -> None:
        if compute_facts_etag(take_film_snapshot(session, film)) != seen_etag:
            raise UserError("cette fiche a changé entre-temps : relisez-la avant de la corriger")
        for fact in EDITABLE_FACTS:
            if fact in facts and to_json_value(facts[fact]) != to_json_value(getattr(film, fact)):
                _set_fact(film, fact, facts[fact])
        _update_derived(session, film, Provenance.by_agent(agent))

    return _apply_correction(session, film_id, agent, "film-edit", reason, now, change)


def _set_fact(film: Film, fact: str, value: Any) -> None:
    """Set a fact and keep what the film's own source says of it aside: nothing, where another source gave the fact."""
    own_value = to_json_value(getattr(film, fact))
    if fact in film.merged_attributes:
        own_value = [] if isinstance(own_value, list) else None
    film.edited = {fact: own_value, **film.edited}
    film.merged_attributes = {name: source for name, source in film.merged_attributes.items() if name != fact}
    setattr(film, fact, value)


def _update_derived(session: Session, film: Film, provenance: Provenance) -> None:
    """Update what follows from a film's facts: its slug, its titles' kinds, its directors."""
    film.slug = slugify(film.title)
    session.add(film)
    session.flush()
    sync_title_kinds(session, film, provenance)
    replace_directors(session, [(film.id, film.directors)])


def restore_fact(session: Session, film_id: int, agent: Agent, fact: str, reason: str, now: datetime) -> AuditLine:
    """Give a fact back to the film's own source. Raises UserError when nobody set it by hand."""

    def change(film: Film) -> None:
        if fact not in EDITABLE_FACTS or fact not in film.edited:
            raise UserError("ce fait n’a pas été corrigé à la main")
        setattr(film, fact, from_json_value(fact, film.edited[fact]))
        film.edited = {name: value for name, value in film.edited.items() if name != fact}
        film.content_hash = ""  # the next import writes all its titles anew
        _update_derived(session, film, Provenance.by_source(film.source))

    return _apply_correction(session, film_id, agent, "film-give-back", reason, now, change)


def add_title(
    session: Session, film_id: int, agent: Agent, title: str, language: str | None, reason: str, now: datetime
) -> AuditLine:
    """Add a title to a film. Raises UserError when it is empty or too long, or the film has it."""
    text = clean_text(title)
    key = build_title_key(text)

    def change(film: Film) -> None:
        same_title = select(FilmTitle.id).where(FilmTitle.film_id == film.id, FilmTitle.key == key)
        if not key or len(text) > _MAX_LENGTH or session.exec(same_title).first() is not None:
            raise UserError("un titre que le film n’a pas déjà est attendu, de 500 caractères au plus")
        discard_removed_token(film, format_title_token(key))
        provenance = Provenance.by_agent(agent).to_columns()
        row = FilmTitle(film_id=film.id, title=text, kind=TitleKind.ALTERNATIVE, key=key, **provenance)
        row.language = language
        session.add(row)

    return _apply_correction(session, film_id, agent, "film-title", reason, now, change)


def remove_title(session: Session, film_id: int, agent: Agent, title_id: int, reason: str, now: datetime) -> AuditLine:
    """Remove a title for ever. Raises UserError when it is not the film's, or is its displayed or original title."""

    def change(film: Film) -> None:
        row = session.get(FilmTitle, title_id)
        if row is None or row.film_id != film.id:
            raise UserError("ce titre n’est plus dans la fiche")
        if row.key in {build_title_key(title) for title in (film.title, film.original_title) if title}:
            raise UserError("c’est le titre affiché, ou le titre original : corrigez d’abord ce fait")
        add_removed_tokens(film, [format_title_token(row.key)])
        session.delete(row)

    return _apply_correction(session, film_id, agent, "film-title-removed", reason, now, change)


def add_identifier(
    session: Session, film_id: int, agent: Agent, scheme: str, written: str, reason: str, now: datetime
) -> AuditLine:
    """Add an identifier. Raises IdentifierTakenError when another film has it, UserError when it is ill formed."""
    value = parse_identifier(scheme, clean_text(written)) if scheme in EDITABLE_SCHEMES else None

    def change(film: Film) -> None:
        if value is None:
            raise UserError(f"{scheme} : « {clean_text(written)[:60]} » n’est pas un numéro bien formé")
        require_free_identifier(session, scheme, value)
        discard_removed_token(film, format_identifier_token(scheme, value))
        try:
            with session.begin_nested():
                provenance = Provenance.by_agent(agent).to_columns()
                session.add(FilmIdentifier(film_id=film.id, scheme=scheme, value=value, **provenance))
        except IntegrityError:  # another agent gave it meanwhile
            raise UserError(f"{scheme} {value} vient d’être donné à un film : relisez la fiche") from None

    return _apply_correction(session, film_id, agent, "film-number", reason, now, change)


def remove_identifier(session: Session, film_id: int, agent: Agent, identifier_id: int, reason: str, now: datetime) -> AuditLine:
    """Remove an identifier for ever. Raises UserError when it is not the film's."""

    def change(film: Film) -> None:
        row = session.get(FilmIdentifier, identifier_id)
        if row is None or row.film_id != film.id:
            raise UserError("ce numéro n’est plus dans la fiche")
        add_removed_tokens(film, [format_identifier_token(row.scheme, row.value)])
        session.delete(row)

    return _apply_correction(session, film_id, agent, "film-number-removed", reason, now, change)
