"""The card of a generated data set, in the form Hugging Face reads: YAML head, then Markdown."""

from __future__ import annotations

import json

from evaluators.task import Task
from evaluators.tasks import task_named
from evaluators.words import counted
from search.offline.dataset_files import REFUSED, Counts, Format, data_file
from search.offline.pipeline import Pipeline
from search.trial.rows import meaning_of

_HUB_LICENCES = {
    "apache-2.0",
    "bsd-2-clause",
    "bsd-3-clause",
    "cc-by-4.0",
    "cc-by-sa-4.0",
    "cc0-1.0",
    "gpl-3.0",
    "isc",
    "mit",
    "mpl-2.0",
    "unlicense",
}
"""Licences the hub has a tag for; anything else is `other`."""

_FIELDS = """| field | holds |
| --- | --- |
| `context_id`, `attempt` | which context, which attempt on it |
| `prompt`, `completion` | the training pair |
| `description` | what the prompt says in words |
| `outcome`, `checker` | what the checker said, and which checker |
| `reason` | empty here; in `refused.jsonl`, why the row is no training pair |
| `faithful` | agrees with all that is known of its context; null where that was not decided |
| `licence`, `contributor` | of the context |"""


def dataset_card(pipeline: Pipeline, counts: Counts, *, contexts_hash: str, form: Format) -> str:
    """The card: what the rows are, how many were refused and why, what they came from."""
    refused, task = sum(counts.refused.values()), task_named(pipeline.task)
    checker = ", ".join(counts.checkers) or "which was never asked"
    sections = [
        _head(pipeline, counts, form) + f"# {pipeline.name}: {task.name} data written for "
        f"{pipeline.student}",
        f"{counted(counts.accepted, 'training pair')} written by `{pipeline.generator.model}` and "
        f"accepted by the checker ({checker}). {counts.faithful} of them were found to agree with "
        "all that is known of their context. "
        f"The other {counted(refused, 'attempt')} stand in `{REFUSED}`, each with its reason.",
        "## Fields\n\n" + "\n".join([_FIELDS, *_outputs(task)]),
        "## Not taken\n\n" + _refused(counts, task),
        "## Licences\n\nA row carries the licence of the context it was made from.\n\n"
        + _table("licence", {name or "not stated": n for name, n in counts.licences.items()}),
        "## Contributors\n\n"
        + _table("from", {name or "not stated": n for name, n in counts.contributors.items()}),
        "## Where it comes from\n\n| what | hash |\n| --- | --- |\n"
        f"| pipeline | `{pipeline.hash}` |\n| contexts | `{contexts_hash}` |\n"
        f"| generator weights | `{pipeline.generator_fingerprint}` |",
        "## Limits\n\nThe checker takes a row that stands by itself and agrees with what is "
        "known; it does not say that the description fits. Rows whose `faithful` is null were "
        "compared with nothing.",
    ]
    return "\n\n".join(sections) + "\n"


def _head(pipeline: Pipeline, counts: Counts, form: Format) -> str:
    licences = [name.lower() for name in counts.licences]
    known = len(licences) == 1 and licences[0] in _HUB_LICENCES
    return (
        "---\n"
        f"pretty_name: {json.dumps(pipeline.name)}\n"
        f"license: {licences[0] if known else 'other'}\n"
        "language: [en]\n"
        "task_categories: [text-generation]\n"
        "tags: [outerloop, synthetic]\n"
        "configs:\n- config_name: default\n"
        f"  data_files: {data_file(form)}\n"
        "---\n"
    )


def _outputs(task: Task) -> list[str]:
    return [
        f"| `{field.name}` | {field.about}, as it was checked |" for field in task.form.outputs
    ]


def _refused(counts: Counts, task: Task) -> str:
    if not counts.refused:
        return "Every attempt was taken."
    rows = [
        f"| `{reason}` | {n} | {meaning_of(reason, task)} |"
        for reason, n in counts.refused.items()
    ]
    return "| reason | rows | meaning |\n| --- | --- | --- |\n" + "\n".join(rows)


def _table(name: str, counts: dict[str, int]) -> str:
    rows = "\n".join(f"| {label} | {n} |" for label, n in counts.items())
    return f"| {name} | rows |\n| --- | --- |\n{rows}"
