"""What a person wants beside a trial in the dashboard, a note and three small files, put there.

What people get wrong: a dashboard renders Markdown, raw HTML in it included, and hands files out
under its own address. So whatever a model or a study file wrote stands in fences, and every file
is plain text.
"""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import optuna
from optuna.artifacts import (
    FileSystemArtifactStore,
    get_all_artifact_meta,
    upload_artifact,
)
from optuna.artifacts.exceptions import ArtifactNotFound
from optuna_dashboard import save_note

from engines.errors import first_line
from engines.ledger import spent
from evaluators.problem import Problem
from evaluators.task import Context, Form, Task
from evaluators.words import counted
from search.report.rows import KEPT, sample_rows
from search.study.records import State, TrialRecord
from search.study.trial_stages import Prompt, TrialStages
from search.untrusted_text import fit

_ROWS = 60
"""Rows of a trial in its file."""
_LONGEST = 1500
"""Characters of one text in a note, which the study's storage keeps."""
_PLAIN = "text/plain"
"""So that no browser runs a file, whatever a model wrote into it."""


@dataclass(frozen=True, slots=True)
class TrialPage:
    """What stands beside one trial."""

    note: str
    """Markdown."""
    files: Mapping[str, str]
    """Text files by name."""


class TrialPages:
    """Makes a trial's page from the stages it left.

    Args:
        stages: the stage store.
        task: what the texts are called.
        problems: the search problems.
        contexts: what the generator was shown.
    """

    def __init__(
        self,
        stages: Path,
        task: Task,
        *,
        problems: Iterable[Problem],
        contexts: Iterable[Context],
    ) -> None:
        self._stages = stages
        self._task = task
        self._problems = {one.id: one for one in problems}
        self._contexts = {one.id: one for one in contexts}

    def page(self, record: TrialRecord) -> TrialPage:
        """The page of a trial that has just ended; what cannot be read is left out."""
        shelf = TrialStages(self._stages)
        prompt = shelf.prompt(record)
        files = {
            "prompt.txt": _prompt_text(prompt, self._task.form) if prompt else "",
            "rows.jsonl": self._rows(record, shelf),
            "problems.jsonl": self._answers(record, shelf),
        }
        return TrialPage(
            note=_note(record, prompt), files={name: text for name, text in files.items() if text}
        )

    def _rows(self, record: TrialRecord, shelf: TrialStages) -> str:
        checked = shelf.checked(record) or []
        rows = sample_rows(record, checked, self._contexts, self._task, most=_ROWS).rows
        return _lines(
            {
                "context": row.candidate.context_id,
                "outcome": row.outcome,
                "reason": row.reason or KEPT,
                **{
                    field.name: fit(text)
                    for field, text in zip(
                        self._task.form.outputs, row.candidate.outputs, strict=True
                    )
                },
                "detail": fit(row.detail),
            }
            for row in rows
        )

    def _answers(self, record: TrialRecord, shelf: TrialStages) -> str:
        evaluation = shelf.evaluation(record)
        problems = self._problems
        return _lines(
            {
                "problem": one.problem_id,
                "passed": "yes" if one.passed else "no",
                "outcome": one.finding.outcome,
                "reason": one.compared or one.finding.reason,
                "docstring": problems[one.problem_id].docstring
                if one.problem_id in problems
                else "",
                "answer": fit(one.answer, longest=600),
                "detail": fit(one.finding.detail, longest=300),
            }
            for one in (evaluation.records if evaluation else ())
        )


def fenced(text: str) -> str:
    """Text as a Markdown code block that nothing in it can end."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}text\n{text}\n{fence}"


def _note(record: TrialRecord, prompt: Prompt | None) -> str:
    lines = []
    outcome = record.outcome
    if record.state is State.PRUNED:
        ended = [str(one) for one in record.decisions.values() if not one.goes_on]
        lines += [f"**Pruned, no score.** {' '.join(ended)}".rstrip()]
    elif outcome is None:
        lines += ["**No score.**", "", fenced(fit(first_line(record.error), longest=_LONGEST))]
    else:
        lines += [
            f"**{outcome.score}** of the search problems passed, standard error "
            f"{outcome.score.standard_error * 100:.1f} points.",
            "",
            f"{counted(outcome.examples, 'example')} of "
            f"{counted(outcome.candidates, 'candidate')}; "
            f"{spent(record.costs).seconds:,.0f} s of stage time.",
        ]
    if prompt is not None:
        demos = (
            f"{counted(len(prompt.demos), 'demo')}, in prompt.txt" if prompt.demos else "No demos"
        )
        instruction = fenced(fit(prompt.instruction, longest=_LONGEST))
        lines += ["", "Instruction:", "", instruction, "", f"{demos}."]
    if record.refused:
        reasons = (f"{reason} {count}" for reason, count in record.refused.items())
        lines += ["", "Refused rows:", "", fenced(", ".join(reasons))]
    return "\n".join(lines) + "\n"


def _prompt_text(prompt: Prompt, form: Form) -> str:
    parts = [fit(prompt.instruction)]
    for number, demo in enumerate(prompt.demos, start=1):
        parts.append(f"\n--- demo {number}")
        texts = zip((*form.inputs, *form.outputs), (*demo.inputs, *demo.outputs), strict=True)
        parts += [f"--- {field.label}\n{fit(text)}" for field, text in texts]
    return "\n".join(parts) + "\n"


def _lines(rows: Iterable[Mapping[str, str]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


class FilesToRead(FileSystemArtifactStore):
    """The files for a dashboard that only shows them.

    Deleting a study in the dashboard takes its files away before it asks the storage, so a storage
    that cannot be written does not protect them.
    """

    def write(self, artifact_id: str, content_body: BinaryIO) -> None:
        """Refused.

        Raises:
            PermissionError: always.
        """
        raise PermissionError(f"{artifact_id}: this dashboard only shows files")

    def remove(self, artifact_id: str) -> None:
        """Refused.

        Raises:
            PermissionError: always.
        """
        raise PermissionError(f"{artifact_id}: this dashboard only shows files")


class Attachments:
    """Attaches pages to the trials of a study; a `search.study.study.Attacher`.

    Args:
        store: the folder the files live in.
        pages: makes what is attached.
    """

    def __init__(self, store: Path, pages: TrialPages) -> None:
        self._folder = store
        self._store = FileSystemArtifactStore(store)
        self._pages = pages

    def attach(self, trial: optuna.Trial, record: TrialRecord) -> None:
        """See `Attacher.attach`.

        Raises:
            OSError: the files cannot be written.
        """
        page = self._pages.page(record)
        save_note(trial, page.note)
        self._folder.mkdir(parents=True, exist_ok=True)
        there = {meta.filename: meta.artifact_id for meta in get_all_artifact_meta(trial)}
        with tempfile.TemporaryDirectory() as folder:
            for name, text in page.files.items():
                content = text.encode("utf-8", "replace")
                if name in there:
                    self._restore(there[name], content)
                    continue
                file = Path(folder) / name
                file.write_bytes(content)
                upload_artifact(
                    artifact_store=self._store,
                    file_path=str(file),
                    study_or_trial=trial,
                    mimetype=_PLAIN,
                )

    def _restore(self, artifact: str, content: bytes) -> None:
        """Write a file that its trial names already, where a kill kept it from being written."""
        try:
            self._store.open_reader(artifact).close()
        except ArtifactNotFound:
            self._store.write(artifact, io.BytesIO(content))
