"""Reasons to hold a run are codes with figures; their French is made where it is shown."""

from typing import Any

import pytest

from domain.common.enums import HoldCode
from domain.models.run import Run
from domain.runs.hold_reasons import build_reason, format_hold_reason, format_verdict, get_hold_reasons, set_hold_reasons
from tests.domain.builders import NOON

PARAMS: dict[HoldCode, dict[str, Any]] = {
    HoldCode.TOO_FEW_TITLES: {"count": 1, "minimum": 2},
    HoldCode.TOO_MANY_TITLES: {"count": 3, "maximum": 2},
    HoldCode.FEWER_TITLES: {"count": 10, "before": 20, "limit": 0.1},
    HoldCode.FEWER_OFFERS: {"count": 10, "before": 30, "limit": 0.125},
    HoldCode.ANNOUNCED_TOTAL: {"rows": 50, "announced": 100},
    HoldCode.UNFILLED_FIELD: {"field": "year", "share": 0.0, "minimum": 1.0},
    HoldCode.COLLECTOR_CRASHED: {"exit_code": 1},
    HoldCode.COLLECTOR_ERROR: {"message": "page de connexion"},
    HoldCode.MISSING_PARTS: {"count": 2, "message": "plafond atteint"},
    HoldCode.LEGACY: {"message": "un ancien texte"},
}
SHARE = {"count": 3, "total": 100, "limit": 0.02}


@pytest.mark.parametrize("code", HoldCode)
def test_every_code_has_its_french_phrase(code: HoldCode) -> None:
    phrase = format_hold_reason(build_reason(code, **PARAMS.get(code, SHARE)))
    assert phrase and code not in phrase


def test_reasons_are_stored_and_read_as_one_line() -> None:
    run = Run(platform_id=1, code_version="0", started_at=NOON)
    reasons = [
        build_reason(HoldCode.MISSING_PARTS, count=2, message="plafond atteint"),
        build_reason(HoldCode.FEWER_OFFERS, count=10, before=30, limit=0.125),
        build_reason(HoldCode.COLLECTOR_KILLED, log="essai-3.log"),
    ]
    set_hold_reasons(run, reasons)
    assert get_hold_reasons(run) == reasons
    assert format_verdict(run) == (
        "2 manques, dont : plafond atteint ; 10 offres contre 30 récemment : baisse de 66,7 %, 12,5 % admis ; "
        "le collecteur a été tué (journal : essai-3.log)"
    )
