"""Read and write a model: the match weights and the bands, in a file that a person can read, check and replace."""

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from domain.common.errors import UserError
from matcher.comparisons.pair import COMPARISON_LEVELS, ComparisonVector

DEFAULT_MODEL = Path(__file__).with_name("model.json")
Adjustments = Mapping[str, Mapping[str, float]]
"""Log-odds to add to match weights, by comparison and level."""
_NO_ADJUSTMENTS: Adjustments = {}
Weight = Annotated[float, Field(ge=-50, le=50)]
Probability = Annotated[float, Field(ge=0, le=1)]


class Bands(BaseModel):
    """The minimum probabilities of a film: published without a person, despite a doubt that yields, and shown to a person."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    auto: Probability
    strict: Probability = 1.0
    review: Probability

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if not self.review <= self.auto <= self.strict:
            raise ValueError("review, auto, strict")
        return self


class Model(BaseModel):
    """The match weights in log-odds, by comparison and level, the bias added to them, and the bands.

    `year_shares` are the shares of the levels of years among sure links, which the habit of each catalogue is compared with.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    version: str = Field(min_length=1)
    about: list[str] = []
    bias: Weight
    weights: dict[str, dict[str, Weight]]
    bands: Bands
    year_shares: dict[str, Probability] = {}

    @field_validator("weights")
    @classmethod
    def _check_levels(cls, weights: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
        """Refuse the weight of a comparison or a level that does not exist: it is a misprint."""
        for comparison, weight_by_level in weights.items():
            unknown_levels = weight_by_level.keys() - set(COMPARISON_LEVELS.get(comparison, ()))
            if unknown_levels:
                raise ValueError(f"{comparison}.{min(unknown_levels)}")
        return weights

    @cached_property
    def _weights_by_comparison(self) -> list[dict[str, float]]:
        """The weights of each comparison's levels, in the order of the vector."""
        return [self.weights.get(comparison, {}) for comparison in ComparisonVector._fields]

    def _list_weights(self, vector: ComparisonVector) -> list[float]:
        return [
            weight_by_level.get(level, 0.0) for weight_by_level, level in zip(self._weights_by_comparison, vector, strict=True)
        ]

    def get_match_weights(self, vector: ComparisonVector, adjustments: Adjustments = _NO_ADJUSTMENTS) -> dict[str, float]:
        """Return the match weight of each comparison of a pair, without those that are 0."""
        weights = dict(zip(ComparisonVector._fields, self._list_weights(vector), strict=True))
        for comparison, weight_by_level in adjustments.items():
            weights[comparison] += weight_by_level.get(getattr(vector, comparison), 0.0)
        return {comparison: round(weight, 1) for comparison, weight in weights.items() if weight}

    def compute_score(self, vector: ComparisonVector, adjustments: Adjustments = _NO_ADJUSTMENTS) -> float:
        """Return the log-odds of a pair against « no film »; `adjustments` are those of the entry's catalogue."""
        return self.bias + sum(self._list_weights(vector)) + sum_adjustments(vector, adjustments)


def sum_adjustments(vector: ComparisonVector, adjustments: Adjustments) -> float:
    """Return what a catalogue's adjustments add to the score of a pair."""
    total = 0.0
    for comparison, weight_by_level in adjustments.items():
        total += weight_by_level.get(getattr(vector, comparison), 0.0)
    return total


def load_model(path: Path = DEFAULT_MODEL) -> Model:
    """Read a model. Raise UserError naming the file and the field when it is not valid."""
    try:
        return Model.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UserError(f"modèle {path} : illisible ({error.strerror})") from None
    except json.JSONDecodeError as error:
        raise UserError(f"modèle {path}, ligne {error.lineno} : JSON incorrect") from None
    except ValidationError as error:
        field = ".".join(map(str, error.errors()[0]["loc"]))
        raise UserError(f"modèle {path}, champ {field or 'racine'} : valeur incorrecte ou absente") from None
    except (ValueError, RecursionError):
        raise UserError(f"modèle {path} : JSON en UTF-8 attendu") from None


def save_model(path: Path, model: Model) -> None:
    """Write a model, one level a line. Raise UserError when it cannot be written."""
    try:
        path.write_text(json.dumps(model.model_dump(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise UserError(f"modèle {path} : écriture impossible ({error.strerror})") from None
