"""The model is a file that a person reads: its weights are all known, named and told in French."""

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest

from domain.common.errors import UserError
from matcher.comparisons.pair import COMPARISON_LEVELS
from matcher.explanations import COMPARISON_LABELS
from matcher.model import DEFAULT_MODEL, load_model
from tests.matcher.works import build_work, decide_entry


def written(tmp_path: Path, **changed: Any) -> Path:
    path = tmp_path / "model.json"
    path.write_text(json.dumps(json.loads(DEFAULT_MODEL.read_text()) | changed))
    return path


def test_every_level_of_every_clue_has_words() -> None:
    assert COMPARISON_LABELS.keys() == {
        (comparison, str(level)) for comparison, levels in COMPARISON_LEVELS.items() for level in levels
    }


def test_another_model_is_really_used(tmp_path: Path) -> None:
    assert load_model(written(tmp_path, version="essai")).version == "essai"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"bias": "beaucoup"}, "bias"),
        ({"weights": {"title": {"exakt": 10}}}, "weights"),
        ({"weights": {"astrology": {"same": 1}}}, "weights"),
        ({"bands": {"auto": 1.5, "review": 0}}, "bands.auto"),
        ({"bands": {"auto": 0.1, "review": 0.9}}, "bands"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_model_that_cannot_work_is_refused_naming_the_field(tmp_path: Path, changed: dict[str, Any], field: str) -> None:
    with pytest.raises(UserError, match=f"model.json, champ {field} "):
        load_model(written(tmp_path, **changed))


@pytest.mark.parametrize(
    ("content", "message"), [(b"{", "ligne 1 : JSON incorrect"), (b"[]", "champ racine"), (b"\xff", "UTF-8 attendu")]
)
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "model.json"
    path.write_bytes(content)
    with pytest.raises(UserError, match=message):
        load_model(path)


def test_a_missing_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="illisible"):
        load_model(tmp_path / "absent.json")


def test_the_reason_tells_each_clue_its_weight_and_the_rule() -> None:
    decision = decide_entry(
        build_work("e", "Playtime", year=1967, by="Jacques Tati"), build_work("f", "PLAYTIME", year=1967, by="TATI Jacques")
    )
    comparisons, _, rule = decision.reason.partition(" — ")
    assert rule.startswith("règle : au moins 0,")
    assert all(re.fullmatch(r".+ [+−]\d+,\d", comparison) for comparison in comparisons.split(" ; ")), comparisons
    assert {"titre identique à la lettre", "même année", "réalisateur concordant"} <= {
        comparison.rsplit(" ", 1)[0] for comparison in comparisons.split(" ; ")
    }
    weighed = decision.proposals[0].match_weights
    odds = math.exp(load_model().bias + sum(weighed.values()))
    assert decision.proposals[0].probability == pytest.approx(odds / (1 + odds), abs=1e-4)
