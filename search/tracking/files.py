"""The files of a trial that go to MLflow: prompt, data, adapter.

Made from the trial's stages, as they lie. What cannot be read is left out: the study has it all,
and a trial is logged with what is there.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

from engines.json_text import read_json
from evaluators.task import Context, Task
from search.study.records import TrialRecord
from search.study.trial_stages import TrialStages
from search.trial.rows import examples_of, rows_under
from stores.content import JSONValue, fingerprint
from stores.manifests import MANIFEST
from stores.stages import ROWS, VALUE

PROMPT, CANDIDATES, EXAMPLES, ADAPTER = "recipe.json", "candidates.jsonl", "data.jsonl", "adapter"


@dataclass(frozen=True, slots=True)
class TrainingData:
    """What a trial's student was trained on."""

    rows: int
    sha256: str
    """As the training stage was asked for it."""
    source: str
    """The stage the rows were selected from."""


class TrialFiles:
    """Lays a trial's files out for MLflow.

    Args:
        stages: the stage store.
        task: what the rows are about.
        contexts: what the generator was shown.
        data: whether candidates and examples are among the files.
    """

    def __init__(
        self, stages: Path, task: Task, contexts: Iterable[Context], *, data: bool = True
    ) -> None:
        self._stages = stages
        self._task = task
        self._contexts = tuple(contexts)
        self._data = data

    def write(self, record: TrialRecord, folder: Path) -> TrainingData | None:
        """Fill `folder`; gives back what the student was trained on, where it is known.

        Raises:
            OSError: the folder cannot be written.
        """
        shelf = TrialStages(self._stages)
        recipe = shelf.recipe(record)
        if recipe is None:
            return None
        text = json.dumps(asdict(recipe), ensure_ascii=False, indent=1)
        (folder / PROMPT).write_text(text + "\n", encoding="utf-8")
        checked = shelf.checked(record)
        checks = shelf.folder(record, "check")
        if checked is None or checks is None:
            return None
        known = {one.id for one in self._contexts}
        whole = [one for one in checked if one.candidate.context_id in known]
        leaks = record.outcome.leaks if record.outcome else ()
        leaking = {leak.place for leak in leaks}
        made = rows_under(whole, recipe, self._contexts, self._task, leaking=leaking)
        rows = [asdict(example) for example in examples_of(made)]
        if self._data:
            shutil.copyfile(checks / ROWS, folder / CANDIDATES)
            lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            (folder / EXAMPLES).write_text(lines, encoding="utf-8", newline="\n")
        return TrainingData(
            len(rows), fingerprint(cast("JSONValue", rows)), f"check/{checks.name}"
        )

    def adapter(self, record: TrialRecord) -> Path | None:
        """Where the trial's fine-tuned weights lie; None where it has none."""
        trained = TrialStages(self._stages).folder(record, "train")
        if trained is None or not (trained / MANIFEST).exists():
            return None
        value = read_json((trained / VALUE).read_text(encoding="utf-8"))
        weights = trained / Path(value["path"]).name
        return weights if weights.is_dir() else None
