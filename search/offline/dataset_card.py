"""The card of a generated data set, in the form Hugging Face reads: YAML head, then Markdown."""

from __future__ import annotations

import json

from evaluators.words import counted
from lean_sandbox.policy import REASONS as LEAN_REASONS
from search.offline.dataset_files import REFUSED, Counts, Form, data_file
from search.offline.dataset_row import REASONS
from search.offline.pipeline import Pipeline

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
| `context_id`, `attempt` | which Python function, which attempt on it |
| `prompt`, `completion` | the training pair: docstring and signature, then the body |
| `docstring`, `signature`, `lean` | the parts, and the definition as it was checked |
| `verdict`, `lean_version` | what Lean said, and which Lean |
| `reason` | empty here; in `refused.jsonl`, why the row is no training pair |
| `faithful` | agrees with Python on every known call; null where that was not decided |
| `licence`, `contributor` | of the Python function |"""


def dataset_card(pipeline: Pipeline, counts: Counts, *, contexts_hash: str, form: Form) -> str:
    """The card: what the rows are, how many were refused and why, what they came from."""
    refused = sum(counts.refused.values())
    sections = [
        _head(pipeline, counts, form) + f"# {pipeline.name}: Lean 4 data written for "
        f"{pipeline.student}",
        f"{counted(counts.accepted, 'pair')} of an English docstring with a Lean 4 definition, "
        "written from "
        f"Python functions by `{pipeline.generator.model}` and accepted by Lean "
        f"({', '.join(counts.lean_versions) or 'which was never asked'}). {counts.faithful} of "
        "them were proved to agree with Python on every known call. "
        f"The other {counted(refused, 'attempt')} stand in `{REFUSED}`, each with its reason.",
        "## Fields\n\n" + _FIELDS,
        "## Not taken\n\n" + _refused(counts),
        "## Licences\n\nA row carries the licence of the Python function it was made from.\n\n"
        + _table("licence", {name or "not stated": n for name, n in counts.licences.items()}),
        "## Contributors\n\n"
        + _table("from", {name or "not stated": n for name, n in counts.contributors.items()}),
        "## Where it comes from\n\n| what | hash |\n| --- | --- |\n"
        f"| pipeline | `{pipeline.hash}` |\n| contexts | `{contexts_hash}` |\n"
        f"| generator weights | `{pipeline.generator_fingerprint}` |",
        "## Limits\n\nLean accepts a definition that compiles and passes the known calls; it does "
        "not say that the docstring describes it. Rows whose `faithful` is null were never "
        "compared with Python.",
    ]
    return "\n\n".join(sections) + "\n"


def _head(pipeline: Pipeline, counts: Counts, form: Form) -> str:
    licences = [name.lower() for name in counts.licences]
    known = len(licences) == 1 and licences[0] in _HUB_LICENCES
    return (
        "---\n"
        f"pretty_name: {json.dumps(pipeline.name)}\n"
        f"license: {licences[0] if known else 'other'}\n"
        "language: [en]\n"
        "task_categories: [text-generation]\n"
        "tags: [outerloop, synthetic, lean4, python, code]\n"
        "configs:\n- config_name: default\n"
        f"  data_files: {data_file(form)}\n"
        "---\n"
    )


def _refused(counts: Counts) -> str:
    if not counts.refused:
        return "Every attempt was taken."
    rows = [f"| `{reason}` | {n} | {_meaning(reason)} |" for reason, n in counts.refused.items()]
    return "| reason | rows | meaning |\n| --- | --- | --- |\n" + "\n".join(rows)


def _meaning(reason: str) -> str:
    if reason in REASONS:
        return REASONS[reason]
    return LEAN_REASONS[reason].meaning if reason in LEAN_REASONS else "Said by Lean."


def _table(name: str, counts: dict[str, int]) -> str:
    rows = "\n".join(f"| {label} | {n} |" for label, n in counts.items())
    return f"| {name} | rows |\n| --- | --- |\n{rows}"
