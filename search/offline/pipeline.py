"""A frozen pipeline: the recipe that won, its generator, and where both come from.

A pipeline is a folder with `pipeline.json` (this), `program.json` (the DSPy state) and a card.
`pipeline.json` is written last, so a folder without it is unfinished; it holds the hash of
`program.json`, so one that was edited afterwards is refused. All of it is JSON: nothing is run
by loading it.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engines.json_text import read_json
from engines.prompt_form import PromptForm
from engines.settings import GeneratorSettings
from evaluators.statistics.score import Score
from evaluators.tasks import DEFAULT
from search.errors import PipelineError
from search.generation.prompting import Prompting
from search.recipes.recipe import Recipe

MANIFEST = "pipeline.json"
PROGRAM = "program.json"
CARD = "README.md"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class MeasuredScore(_Frozen):
    """A score, and what it was measured on."""

    label: str
    """Who was measured on what: `best recipe, sealed problems`."""
    score: Score
    """Value, standard error, n and interval."""


class Pipeline(_Frozen):
    """Everything needed to write with the recipe again, and to say where it came from."""

    schema_version: Literal[1] = 1
    """The form of `pipeline.json`; a newer one is refused."""
    outerloop_version: str = ""
    """The version that wrote the folder."""
    name: str
    """The study's name."""
    task: str = DEFAULT
    """The final task: see the study file."""
    seed: int
    """Draws the generator's samples; the study's seed."""
    recipe: Recipe
    """Instruction, demos and knobs, in full."""
    generator: GeneratorSettings
    """The language model and how it is called; its key stays in the environment."""
    generator_fingerprint: str
    """Names the generator's weights."""
    prompting: Prompting
    """How the generator is asked."""
    student: str
    """The base model the recipe was searched for."""
    student_fingerprint: str
    """Names the student's weights."""
    student_prompt_form: PromptForm = "plain"
    """How the student was asked: through its chat template, or as plain text."""
    checker: str = ""
    """Who judged every score below: of Eng2Lean the version of Lean."""
    provenance: dict[str, str]
    """SHA-256 of everything this came from: contexts, problems, study, stages."""
    scores: tuple[MeasuredScore, ...]
    """What was measured, each with its error and n."""
    remarks: Annotated[tuple[str, ...], Field(exclude_if=lambda remarks: not remarks)] = ()
    """What whoever reads the scores must know beside them."""
    files: dict[str, str] = {}
    """SHA-256 of the files beside `pipeline.json`; filled in by the export."""
    sha256: str = ""
    """The pipeline's hash; filled in by the export."""

    @property
    def hash(self) -> str:
        """SHA-256 of what this pipeline is, whatever version wrote it down and wherever."""
        core = self.model_dump(mode="json", exclude={"files", "outerloop_version", "sha256"})
        return hashlib.sha256(json.dumps(core, sort_keys=True).encode()).hexdigest()

    def save(self, folder: Path) -> None:
        """Write `pipeline.json`; call this last, it declares the folder finished."""
        text = json.dumps(self.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"
        unfinished = folder / f"{MANIFEST}.tmp"
        unfinished.write_text(text, encoding="utf-8")
        os.replace(unfinished, folder / MANIFEST)  # noqa: PTH105 - says what it does

    @classmethod
    def load(cls, folder: Path) -> Pipeline:
        """The pipeline in a folder, after checking the files beside it.

        Raises:
            PipelineError: there is none, it is not JSON of this schema, or a file beside it is
                missing or was changed after the export.
        """
        pipeline = cls._read(folder / MANIFEST)
        if pipeline.sha256 != pipeline.hash:
            raise PipelineError(
                f"{folder / MANIFEST} was changed after the export; export again instead of "
                "editing: its model and settings are fixed, and `outerloop generate --api-base` "
                "asks another address"
            )
        for name, expected in pipeline.files.items():
            if file_hash(folder / name) != expected:
                raise PipelineError(
                    f"{folder / name} is not the file that was exported; export again instead of "
                    "editing: a frozen pipeline is its hashes"
                )
        return pipeline

    @classmethod
    def _read(cls, path: Path) -> Pipeline:
        try:
            text = path.read_bytes()
            values = read_json(text)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise PipelineError(
                f"{path.parent} is no pipeline (it has no {MANIFEST}); "
                "make one with `outerloop export STUDY`"
            ) from error
        except ValueError as error:
            raise PipelineError(f"{path} is not JSON ({error}); export again") from error
        version = values.get("schema_version") if isinstance(values, dict) else None
        if version != 1:
            raise PipelineError(
                f"{path} has schema_version {version}, this outerloop reads 1; "
                "use the outerloop version that wrote it"
            )
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise PipelineError(f"{path}: `{where}`: {first['msg']}; export again") from error


def file_hash(path: Path) -> str:
    """SHA-256 of a file, empty where there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
