"""The title of an entry that an agent says is a film: proposed as an alias, unless it names another object."""

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.common.enums import TitleKind
from domain.db.engine import write_session
from domain.films.aliases import AliasProposal, propose_alias
from domain.films.formats import FilmRecord, RecordTitle
from domain.films.overrides import add_removed_tokens
from domain.films.title_rows import MAX_ALIASES, build_gained_title_rows, build_title_rows, is_usable_title, limit_aliases
from domain.models.entry import Entry
from tests.domain.builders import collect_run, make_observation, make_platform
from tests.domain.review_scene import make_known_film


def _make_entry(session: Session, title: str) -> Entry:
    collect_run(session, make_platform(session), [make_observation("1", title)])
    return session.exec(select(Entry)).one()


@pytest.mark.parametrize(
    ("film_title", "entry_title", "proposal"),
    [
        ("Playtime", "Récréation", AliasProposal("Récréation", True)),
        ("Playtime", "Récréation (version restaurée)", AliasProposal("Récréation", True)),
        ("Playtime", "PLAYTIME", None),
        ("Playtime", "Film 1967", None),
        ("Playtime", "Récréation 2", AliasProposal("Récréation 2", False)),
        ("Playtime", "Récréation : bonus", AliasProposal("Récréation : bonus", False)),
        ("Les Quatre Cents Coups", "The 400 Blows", AliasProposal("The 400 Blows", True)),
        ("Kill Bill, volume 2", "Tuer Bill vol. 2", AliasProposal("Tuer Bill vol. 2", True)),
        ("Kill Bill, volume 2", "Tuer Bill vol. 1", AliasProposal("Tuer Bill vol. 1", False)),
    ],
)
def test_a_title_is_proposed_and_kept_by_default_unless_it_names_another_object(
    engine: Engine, film_title: str, entry_title: str, proposal: AliasProposal | None
) -> None:
    with write_session(engine) as session:
        film = make_known_film(session, 1, film_title, 1967)
        assert propose_alias(session, _make_entry(session, entry_title), film) == proposal


def test_a_title_that_a_person_removed_is_not_kept_by_default(engine: Engine) -> None:
    with write_session(engine) as session:
        film = make_known_film(session, 1, "Playtime", 1967)
        add_removed_tokens(film, ["title:recreation"])
        assert propose_alias(session, _make_entry(session, "Récréation"), film) == AliasProposal("Récréation", False)


def _make_record(**facts: object) -> FilmRecord:
    return FilmRecord.model_validate({"line": 0, "source_ref": "w1", "title": "My Uncle", **facts})


def test_the_other_titles_of_a_second_source_are_aliases_and_its_own_title_is_not() -> None:
    rows = build_gained_title_rows(_make_record(other_titles=("Tonton", "my uncle", ""), french_title="Mon oncle"))
    assert [(row["title"], row["kind"], row["language"]) for row in rows] == [
        ("Mon oncle", TitleKind.ALTERNATIVE, "fr"),
        ("My Uncle", TitleKind.ALTERNATIVE, None),
        ("Tonton", TitleKind.ALIAS, None),
    ]


def test_titles_told_with_their_language_come_before_those_told_without() -> None:
    titles = (
        RecordTitle(title="Mon oncle", kind=TitleKind.ORIGINAL, language="fr"),
        RecordTitle(title="My Uncle", kind=TitleKind.ALTERNATIVE, language="en"),
    )
    record = _make_record(titles=titles, original_title="Mon oncle")
    assert [(row["kind"], row["language"]) for row in build_gained_title_rows(record)] == [
        (TitleKind.ORIGINAL, "fr"),
        (TitleKind.ALTERNATIVE, "en"),
    ]
    assert [row["kind"] for row in build_title_rows(record)] == [TitleKind.DISPLAY, TitleKind.ORIGINAL]


@pytest.mark.parametrize("title", ["", " ", "film", "Film de 1958", "VF", "Version restaurée", "Saison 2", "🎬", "x" * 501])
def test_what_names_nothing_is_no_title(title: str) -> None:
    assert not is_usable_title(title)


@pytest.mark.parametrize("title", ["1917", "M", "???", "Le Film de ma vie", "Sans toit ni loi", "En court", "Сталкер"])
def test_a_short_or_odd_title_is_one(title: str) -> None:
    assert is_usable_title(title)


def test_a_film_gains_a_limited_number_of_aliases_and_every_other_title() -> None:
    others = tuple(f"Titre numéro {number}" for number in range(100))
    rows = {row["key"]: row for row in build_gained_title_rows(_make_record(other_titles=others))}
    limited = limit_aliases(rows)
    assert len(limited) == MAX_ALIASES + 1 and "my uncle" in limited


def test_a_record_without_described_titles_is_stored_as_before() -> None:
    record = _make_record()
    assert "titles" not in record.model_dump(mode="json") and FilmRecord.from_payload(record.model_dump(mode="json")) == record
