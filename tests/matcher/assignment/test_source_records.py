"""What a base's lines say together: one line a film, unless a number died; no film proposed twice without need."""

from typing import Any

from matcher.assignment.source_records import assign_source_records
from matcher.comparisons.levels import CorroborationLevel, CountriesLevel, PeopleLevel, TitleLevel
from matcher.decision import Band, EntryDecision, ScoredProposal
from matcher.work import Work, make_work
from tests.matcher.works import build_comparisons

OWN, OTHER = CorroborationLevel.NEEDLESS, CorroborationLevel.DIRECTOR_AND_ONE


def sure(film: str, weight: float, directors: float = 0.0, elsewhere: bool = False) -> EntryDecision:
    """A link of this weight; directors that weigh are those of the film."""
    vector = build_comparisons(
        title=TitleLevel.EXACT,
        directors=PeopleLevel.SAME if directors else PeopleLevel.UNKNOWN,
        countries=CountriesLevel.DISJOINT if elsewhere else CountriesLevel.UNKNOWN,
    )
    match_weights = {"title": weight, "directors": directors}
    return EntryDecision(Band.AUTO, (), (ScoredProposal(film, 0.99, match_weights, vector),))


def doubtful(*films: tuple[str, float]) -> EntryDecision:
    evidence = ({"title": 1.0}, build_comparisons(title=TitleLevel.NEAR))
    return EntryDecision(Band.REVIEW, (), tuple(ScoredProposal(film, share, *evidence) for film, share in films), "title")


def a_line(record_id: str, *directors: str, year: int = 2008, runtime: int | None = None) -> Work:
    return make_work(record_id, ["Berlin Calling"], year=year, directors=directors, runtime_min=runtime)


def settled(lines: list[Work], *alone: EntryDecision, taken: tuple[str, ...] = ()) -> list[tuple[Band, str]]:
    return [(decision.band, decision.doubt) for decision in assign_source_records(lines, alone, (), taken)]


def test_of_two_lines_sure_of_one_film_the_clearly_better_is_believed() -> None:
    lines = [a_line("a", "Hannes Stöhr"), a_line("b")]
    assert settled(lines, sure("1", 7, 2), sure("1", 6)) == [(Band.AUTO, ""), (Band.REVIEW, "assignment")]


def test_when_neither_is_clearly_better_neither_is_believed() -> None:
    lines = [a_line("a"), a_line("b")]
    assert settled(lines, sure("1", 9), sure("1", 6)) == [(Band.REVIEW, "assignment")] * 2
    assert settled(lines, sure("1", 7, 2), sure("1", 8)) == [(Band.REVIEW, "assignment")] * 2


def test_a_number_that_died_tells_the_same_work_twice() -> None:
    lines = [a_line("a", "Hannes Stöhr", runtime=109), a_line("b", "Hannes Stöhr")]
    assert settled(lines, sure("1", 9), sure("1", 9)) == [(Band.AUTO, "")] * 2
    lines[1] = a_line("b", "Hannes Stöhr", runtime=15)
    assert settled(lines, sure("1", 9), sure("1", 9)) == [(Band.REVIEW, "assignment")] * 2


def test_a_homonym_from_elsewhere_is_not_believed_without_a_name() -> None:
    assert settled([a_line("a")], sure("1", 9, elsewhere=True)) == [(Band.REVIEW, "title")]
    assert settled([a_line("a")], sure("1", 7, 2, elsewhere=True)) == [(Band.AUTO, "")]


def test_a_film_that_a_line_is_already_is_not_given_to_another() -> None:
    assert settled([a_line("a")], sure("1", 9), taken=("1",)) == [(Band.REVIEW, "assignment")]


def test_a_film_that_has_its_line_is_no_longer_proposed() -> None:
    lines = [a_line("a"), a_line("b"), a_line("c"), a_line("d")]
    alone = (sure("1", 9), doubtful(("1", 0.6)), doubtful(("1", 0.6), ("2", 0.3)), doubtful(("2", 0.19)))
    decided = assign_source_records(lines, alone, (), ())
    assert [decision.band for decision in decided] == [Band.AUTO, Band.NONE, Band.REVIEW, Band.NONE]
    assert [near.film_id for near in decided[2].proposals] == ["2"]


def retitled(lines: list[Work], films: list[Work], *sure_of: tuple[str, CorroborationLevel]) -> list[Band]:
    """The bands of lines sure of these films, with what stands behind each title (needless: it is the film's)."""
    alone = [
        EntryDecision(Band.AUTO, (), (ScoredProposal(film, 0.99, {"title": 1.0}, build_comparisons(backing=backing)),))
        for film, backing in sure_of
    ]
    return [decision.band for decision in assign_source_records(lines, alone, films, ())]


def test_under_another_title_a_line_must_be_the_only_one_of_its_people_and_time() -> None:
    line = make_work("a", ["The Candidate"], year=1972, directors=["Michael Ritchie"])
    film = make_work("1", ["Carnage"], year=1972, directors=["Michael Ritchie"])
    other = make_work("2", ["Votez Mc Kay"], year=1972, directors=["Michael Ritchie"])
    later = make_work("3", ["La Guerre des fées"], year=1998, directors=["Michael Ritchie"])
    assert retitled([line], [film, later], ("1", OTHER)) == [Band.AUTO]
    assert retitled([line], [film, other], ("1", OTHER)) == [Band.REVIEW]
    assert retitled([line], [film, other], ("1", OWN)) == [Band.AUTO]


def test_a_work_that_found_its_own_title_is_no_rival() -> None:
    people: dict[str, Any] = {"year": 2014, "directors": ["Steven Brill"]}
    lines = [make_work("a", ["Walk of Shame"], **people), make_work("b", ["Movie 43"], **people)]
    films = [make_work("1", ["Blackout total"], **people), make_work("2", ["My Movie Project"], **people)]
    assert retitled(lines, films, ("1", OTHER), ("2", OTHER)) == [Band.REVIEW] * 2
    assert retitled(lines, films, ("1", OTHER), ("2", OWN)) == [Band.AUTO] * 2
