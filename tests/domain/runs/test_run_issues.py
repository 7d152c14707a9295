"""Issues of a run by kind: all counted, some shown."""

from sqlalchemy import Engine

from domain.common.enums import IssueLevel
from domain.db.engine import write_session
from domain.models.columns import get_id
from domain.runs.run_issues import MAX_SAMPLES, group_issues
from domain.runs.runs import add_issue, add_omitted_issues
from tests.domain.builders import collect_run, make_observation, make_platform, make_rental


def test_issues_are_grouped_the_gravest_first_with_those_only_counted(engine: Engine) -> None:
    with write_session(engine) as session:
        run = collect_run(session, make_platform(session), [make_observation("1", "Playtime", make_rental())])
        run_id = get_id(run)
        for rank in range(8):
            add_issue(session, run_id, IssueLevel.WARNING, "mot inconnu", f"format « {rank} »", str(rank))
        add_omitted_issues(session, run_id, IssueLevel.WARNING, "mot inconnu", 1200)
        add_issue(session, run_id, IssueLevel.WARNING, "doublon", "ligne reçue deux fois", "4")
        add_omitted_issues(session, run_id, IssueLevel.WARNING, "doublon", 1)
        add_issue(session, run_id, IssueLevel.ERROR, "ligne illisible", "titre absent")
        session.flush()
        groups = group_issues(session, run_id)
    assert [(group.kind, group.level, group.count) for group in groups] == [
        ("ligne illisible", IssueLevel.ERROR, 1), ("mot inconnu", IssueLevel.WARNING, 1208), ("doublon", IssueLevel.WARNING, 2),
    ]  # fmt: skip
    assert groups[0].first == [("", "titre absent")] and groups[2].first == [("4", "ligne reçue deux fois")]
    assert groups[1].first == [(str(rank), f"format « {rank} »") for rank in range(MAX_SAMPLES)]
