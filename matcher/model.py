"""The matcher's weights and bands: a file that a person can read, check and replace."""

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
    """The least probability to be published unseen, and the least to be put forward."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    auto: Probability
    review: Probability

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        """What is published unseen is surer than what is only put forward."""
        if self.review > self.auto:
            raise ValueError("review")
        return self


class Model(BaseModel):
    """Weights in log-odds by clue and level, the bias they add to, and the bands."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    version: str = Field(min_length=1)
    about: list[str] = []
    bias: Weight
    weights: dict[str, dict[str, Weight]]
    bands: Bands

    @field_validator("weights")
    @classmethod
    def _check_levels(cls, weights: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
        """A weight that no pair could ever carry is a slip of the pen."""
        for clue, levels in weights.items():
            if unknown := levels.keys() - set(COMPARISON_LEVELS.get(clue, ())):
                raise ValueError(f"{clue}.{min(unknown)}")
        return weights

    @cached_property
    def _weights_by_comparison(self) -> list[dict[str, float]]:
        """The weights of each clue's levels, in the order of the clues."""
        return [self.weights.get(clue, {}) for clue in ComparisonVector._fields]

    def get_match_weights(self, vector: ComparisonVector) -> dict[str, float]:
        """What each clue weighs, those that weigh nothing left out."""
        found = {
            clue: column.get(level, 0.0)
            for clue, column, level in zip(ComparisonVector._fields, self._weights_by_comparison, vector, strict=True)
        }
        return {clue: weight for clue, weight in found.items() if weight}

    def compute_score(self, vector: ComparisonVector) -> float:
        """The log-odds of a pair against « no film of the base »."""
        return self.bias + sum(
            [column.get(level, 0.0) for column, level in zip(self._weights_by_comparison, vector, strict=True)]
        )


def load_model(path: Path = DEFAULT_MODEL) -> Model:
    """Reads a model. Raises Problem naming the file and the field when it is not one."""
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
    """Writes a model, one level a line. Raises Problem when it cannot be written."""
    try:
        path.write_text(json.dumps(model.model_dump(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise UserError(f"modèle {path} : écriture impossible ({error.strerror})") from None
