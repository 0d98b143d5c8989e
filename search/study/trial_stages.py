"""The stages of trials, read where they lie and left as they are.

What people get wrong: the stage store takes a lock and sets a damaged stage aside, which is right
for a search and wrong for somebody who only looks at one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from engines.errors import first_line
from engines.file_hashes import file_sha256
from engines.json_text import read_json
from evaluators.evaluation import Evaluation
from evaluators.task import Checked, Demo
from search.recipes.recipe import Recipe
from search.study.records import TrialRecord
from stores.manifests import Manifest
from stores.stages import ROWS, VALUE

_CHECKED = TypeAdapter(list[Checked])
_EVALUATION = TypeAdapter(Evaluation)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the generator was really told in a trial."""

    instruction: str
    demos: tuple[Demo, ...] = ()


_RECIPE = TypeAdapter(Recipe)
_AFTER = ("filter", "keep_docstring")
"""What a recipe decides after its candidates are written, so that no stage's inputs hold it."""


class TrialStages:
    """Reads the stages that trials name.

    Args:
        root: the stage store.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self.notices: list[str] = []
        """What could not be read so far, and why."""

    def prompt(self, record: TrialRecord) -> Prompt | None:
        """A trial's instruction and demos, from the inputs of its first stage."""
        recipe = self.recipe(record)
        return Prompt(recipe.instruction, recipe.demos) if recipe else None

    def recipe(self, record: TrialRecord) -> Recipe | None:
        """A trial's whole recipe: what its first stage was asked, and its filter."""
        folder = self.folder(record, "generate")
        if folder is None:
            return None
        try:
            chosen = {
                name: record.parameters[name] for name in _AFTER if name in record.parameters
            }
            asked = {**Manifest.read(folder).inputs["recipe"], **chosen}
            return _RECIPE.validate_python(asked, strict=False)
        except (OSError, ValueError, KeyError, TypeError) as error:
            self._unreadable(record, "generate", error)
            return None

    def checked(self, record: TrialRecord) -> list[Checked] | None:
        """A trial's candidates with their verdicts."""
        return self._read(record, "check", ROWS, _CHECKED)

    def evaluation(self, record: TrialRecord) -> Evaluation | None:
        """What a trial's student answered to the search problems."""
        return self._read(record, "evaluate", VALUE, _EVALUATION)

    def _read(self, record: TrialRecord, stage: str, file: str, codec: TypeAdapter[T]) -> T | None:
        folder = self.folder(record, stage)
        if folder is None:
            return None
        try:
            if Manifest.read(folder).files[file] != file_sha256(folder / file):
                raise ValueError("its hash is not the manifest's")
            return codec.validate_python(_decode(folder / file), strict=False)
        except (OSError, ValueError, KeyError, TypeError) as error:
            self._unreadable(record, stage, error)
            return None

    def folder(self, record: TrialRecord, stage: str) -> Path | None:
        """Where a trial's stage lies; None where the trial never came to it."""
        keys = [line.key for line in record.costs if line.stage == stage]
        if record.outcome and stage in record.outcome.stages:
            keys.append(record.outcome.stages[stage])
        return self._root / stage / keys[-1] if keys else None

    def _unreadable(self, record: TrialRecord, stage: str, error: Exception) -> None:
        self.notices.append(
            f"trial {record.number}, stage {stage}: cannot be read ({what_is_wrong(error)})"
        )


def _decode(file: Path) -> object:
    text = file.read_text(encoding="utf-8")
    if file.name == ROWS:
        return [read_json(line) for line in text.split("\n") if line]
    return cast("Any", read_json(text))


def what_is_wrong(error: Exception) -> str:
    """Why a file cannot be read, in a few words."""
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    if isinstance(error, FileNotFoundError):
        return "it is not there"
    if isinstance(error, KeyError):
        return f"no {error}"
    return first_line(str(error))
