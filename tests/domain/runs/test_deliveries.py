"""A delivered catalogue through the same door as a collected one."""

from sqlalchemy import Engine

from domain.common.enums import Level
from domain.db.engine import writing
from domain.runs.deliveries import ISSUES_PER_KIND, Parcel, Remark, counted_lines, live_lines, onto, store_parcel
from domain.runs.runs import issues_by_kind
from domain.runs.validation import RunCounts
from tests.domain.builders import NOON, a_line, a_platform, collected, rent


def test_the_live_catalogue_is_what_would_be_observed_again(engine: Engine) -> None:
    line = a_line(
        "1", "Playtime", rent(languages=("VF",), starts=NOON), year=1967, directors=("Jacques Tati",), ids={"visa": "1"}
    )
    with writing(engine) as session:
        platform = a_platform(session)
        collected(session, platform, [line, a_line("2", "Mon oncle")])
        assert live_lines(session, platform) == {"1": line, "2": a_line("2", "Mon oncle")}
        collected(session, a_platform(session, "autre"), [a_line("3", "Trafic")])
        assert set(live_lines(session, platform)) == {"1", "2"}


def test_a_delta_replaces_adds_removes_and_is_counted_anew() -> None:
    live = {ref: a_line(ref, f"Film {ref}", rent()) for ref in ("1", "2", "3")}
    new = {"2": a_line("2", "Autre titre", rent(None)), "4": a_line("4", "Film 4", year=1999)}
    parcel = Parcel(True, new, counted_lines(new.values(), RunCounts(rows=3, unmapped=1)), removed=["3"])
    led = onto(live, parcel)
    assert {ref: line.title for ref, line in led.lines.items()} == {"1": "Film 1", "2": "Autre titre", "4": "Film 4"}
    assert (led.counts.kept, led.counts.rows, led.counts.unmapped) == (3, 4, 1)
    assert (led.counts.filled["title"], led.counts.filled["price_cents"], led.counts.filled["year"]) == (3, 1, 1)


def test_remarks_are_logged_and_past_a_number_only_counted(engine: Engine) -> None:
    remarks = [Remark(Level.ERROR, "titre rejeté", f"raison {number}", str(number)) for number in range(ISSUES_PER_KIND + 3)]
    with writing(engine) as session:
        run = store_parcel(session, a_platform(session), Parcel(False, {}, RunCounts(), remarks), [], NOON)
        told = issues_by_kind(session, run.id or 0)["titre rejeté"]
        assert (told[0], told[-1], len(told)) == ("0 : raison 0", "et 3 autres", ISSUES_PER_KIND + 1)
