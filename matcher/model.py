"""Read and write a model: the match weights and the bands, in a file that a person can read, check and replace."""

import json
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from domain.common.errors import UserError
from matcher.comparisons.pair import COMPARISON_LEVELS, ComparisonVector

DEFAULT_MODEL = Path(__file__).with_name("model.json")
Weight = Annotated[float, Field(ge=-50, le=50)]
Probability = Annotated[float, Field(ge=0, le=1)]


class Bands(BaseModel):
    """The minimum probability of a film published without a person, and that of a film shown to a person."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    auto: Probability
    review: Probability

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.review > self.auto:
            raise ValueError("review")
        return self


class Model(BaseModel):
    """The match weights in log-odds, by comparison and level, the bias added to them, and the bands."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    version: str = Field(min_length=1)
    about: list[str] = []
    bias: Weight
    weights: dict[str, dict[str, Weight]]
    bands: Bands

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

    def get_match_weights(self, vector: ComparisonVector) -> dict[str, float]:
        """Return the match weight of each comparison of a pair, without those that are 0."""
        weights = zip(ComparisonVector._fields, self._list_weights(vector), strict=True)
        return {comparison: weight for comparison, weight in weights if weight}

    def compute_score(self, vector: ComparisonVector) -> float:
        """Return the log-odds of a pair against « no film »."""
        return self.bias + sum(self._list_weights(vector))


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
