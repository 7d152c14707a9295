"""The issues of a run by kind: counted whole, shown in part."""

from sqlalchemy import Engine

from domain.common.enums import Level
from domain.db.engine import writing
from domain.runs.run_issues import SAMPLES, issue_groups
from domain.runs.runs import add_issue
from tests.domain.builders import a_line, a_platform, collected, rent


def test_issues_are_grouped_the_gravest_first_with_those_only_counted(engine: Engine) -> None:
    with writing(engine) as session:
        number = collected(session, a_platform(session), [a_line("1", "Playtime", rent())]).id or 0
        for place in range(8):
            add_issue(session, number, Level.WARNING, "mot inconnu", f"format « {place} »", str(place))
        add_issue(session, number, Level.WARNING, "mot inconnu", "et 1200 autres")
        add_issue(session, number, Level.WARNING, "doublon", "ligne reçue deux fois", "4")
        add_issue(session, number, Level.WARNING, "doublon", "et 1 autre")
        add_issue(session, number, Level.ERROR, "ligne illisible", "titre absent")
        session.flush()
        groups = issue_groups(session, number)
    assert [(group.kind, group.level, group.number) for group in groups] == [
        ("ligne illisible", Level.ERROR, 1), ("mot inconnu", Level.WARNING, 1208), ("doublon", Level.WARNING, 2),
    ]  # fmt: skip
    assert groups[0].first == [("", "titre absent")] and groups[2].first == [("4", "ligne reçue deux fois")]
    assert groups[1].first == [(str(place), f"format « {place} »") for place in range(SAMPLES)]
