"""Deliveries are stored and checked as collected catalogues are."""

from sqlalchemy import Engine

from domain.common.enums import IssueLevel
from domain.db.engine import write_session
from domain.models.columns import get_id
from domain.runs.deliveries import (
    MAX_ISSUES_PER_KIND,
    DeliveryIssue,
    PreparedDelivery,
    apply_delta,
    count_observations,
    read_live_catalogue,
    store_delivery,
)
from domain.runs.run_issues import group_issues_by_kind
from domain.runs.validation import RunCounts
from tests.domain.builders import NOON, collect_run, make_observation, make_platform, make_rental


def test_the_live_catalogue_is_what_would_be_observed_again(engine: Engine) -> None:
    entry = make_observation(
        "1", "Playtime", make_rental(languages=("VF",), starts=NOON), year=1967, directors=("Jacques Tati",), ids={"visa": "1"}
    )
    with write_session(engine) as session:
        platform = make_platform(session)
        collect_run(session, platform, [entry, make_observation("2", "Mon oncle")])
        assert read_live_catalogue(session, platform) == {"1": entry, "2": make_observation("2", "Mon oncle")}
        collect_run(session, make_platform(session, "autre"), [make_observation("3", "Trafic")])
        assert set(read_live_catalogue(session, platform)) == {"1", "2"}


def test_a_delta_replaces_adds_removes_and_is_counted_anew() -> None:
    live = {ref: make_observation(ref, f"Film {ref}", make_rental()) for ref in ("1", "2", "3")}
    new = {"2": make_observation("2", "Autre titre", make_rental(None)), "4": make_observation("4", "Film 4", year=1999)}
    parcel = PreparedDelivery(True, new, count_observations(new.values(), RunCounts(rows=3, unmapped=1)), removed_refs=["3"])
    led = apply_delta(live, parcel)
    assert {ref: entry.title for ref, entry in led.observations.items()} == {"1": "Film 1", "2": "Autre titre", "4": "Film 4"}
    assert (led.counts.kept, led.counts.rows, led.counts.unmapped) == (3, 4, 1)
    assert (led.counts.filled["title"], led.counts.filled["price_cents"], led.counts.filled["year"]) == (3, 1, 1)


def test_remarks_are_logged_and_past_a_number_only_counted(engine: Engine) -> None:
    remarks = [
        DeliveryIssue(IssueLevel.ERROR, "titre rejeté", f"raison {rank}", str(rank)) for rank in range(MAX_ISSUES_PER_KIND + 3)
    ]
    with write_session(engine) as session:
        run = store_delivery(session, make_platform(session), PreparedDelivery(False, {}, RunCounts(), remarks), [], NOON)
        messages = group_issues_by_kind(session, get_id(run))["titre rejeté"]
        assert (messages[0], messages[-1], len(messages)) == ("0 : raison 0", "et 3 autres", MAX_ISSUES_PER_KIND + 1)
