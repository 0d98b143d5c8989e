"""The cards of a pipeline and of a data set, as Hugging Face reads them: YAML, then Markdown."""

from __future__ import annotations

import json

from evaluators.task import Form, Task
from evaluators.tasks import task_named
from evaluators.words import counted
from search.comparisons.transfer import Transfer
from search.comparisons.transfer_table import transfer_markdown
from search.offline.dataset import REFUSED, Counts, Format, data_file
from search.offline.pipeline import PROGRAM, Pipeline
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
_HEAD = """---
library_name: dspy
pipeline_tag: text-generation
tags: [outerloop, synthetic-data]
---
"""


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


def _program(form: Form) -> str:
    """The generator as plain DSPy writes it."""
    fields = [f"    {field.name}: str = dspy.InputField()" for field in form.inputs]
    fields += [f"    {field.name}: str = dspy.OutputField()" for field in form.outputs]
    return "\n".join(
        [
            "class Write(dspy.Signature):",
            *fields,
            "",
            "",
            "class Generator(dspy.Module):",
            "    def __init__(self):",
            "        super().__init__()",
            "        self.write = dspy.Predict(Write)",
            "",
            "    def forward(self, **inputs):",
            "        return self.write(**inputs)",
            "",
            "",
            "generator = Generator()",
            f'generator.load("{PROGRAM}")',
        ]
    )


def pipeline_card(pipeline: Pipeline, transfer: Transfer | None = None) -> str:
    """The card: what it is, what was measured, how to use it, what it came from.

    Args:
        pipeline: what the card is of.
        transfer: how far its recipe carries to other students, where a sweep measured it.
    """
    sections = [
        _HEAD + f"# {pipeline.name}: a data generator for {pipeline.student}",
        "A prompt and its knobs, frozen. They were found by fine-tuning "
        f"`{pipeline.student}` on the data they make and scoring it on the final task "
        f"({pipeline.task}), not on a proxy. For another base model, search again.",
        _scores(pipeline),
        *([f"## Other students\n\n{transfer_markdown(transfer)}"] if transfer else []),
        "## Use\n\n```sh\nouterloop generate . CONTEXTS.jsonl --out data\n```\n\n"
        + _plain_dspy(pipeline),
        _recipe(pipeline),
        _origin(pipeline),
        "## Limits\n\nThe scores hold for this student, this generator and these problems. What "
        "the generator writes for other contexts must be checked: `outerloop generate` has "
        "every row checked and keeps what was refused, with the reason.",
    ]
    return "\n\n".join(sections) + "\n"


def _plain_dspy(pipeline: Pipeline) -> str:
    """The prompt without Outerloop: the same program, adapter, model and sampling settings."""
    asked, task = pipeline.prompting, task_named(pipeline.task)
    own = asked.adapter == "PlainAdapter"
    options = ", ".join(f"{name}={value!r}" for name, value in asked.options.items())
    names = [field.name for field in task.form.inputs]
    code = [
        "\n".join(["import os", *(["import re"] if own else []), "", "import dspy"]),
        *([task.adapter_code()] if own else []),
        f"{_program(task.form)}\nadapter = {asked.adapter}({options})\n{_lm(pipeline)}",
        "\n".join(
            [
                f"def write({', '.join(names)}):",
                "    with dspy.context(lm=lm, adapter=adapter):",
                "        return generator(",
                *(f"            {name}={name}," for name in names),
                f'            config={{"temperature": {pipeline.recipe.temperature!r}}},',
                "        )",
            ]
        ),
    ]
    return (
        "Without Outerloop, in plain DSPy, whatever adapter is configured there (`pip install "
        f"dspy=={asked.dspy_version}`, the search's version). The messages are those of the "
        "search, byte for byte; the search sets a `seed` for each call besides, and reads replies "
        "of other forms too:\n\n" + _fenced("\n\n\n".join(code), language="python")
    )


def _lm(pipeline: Pipeline) -> str:
    """The language model of the search; a local one must be served by somebody."""
    settings = pipeline.generator
    model, address, served = settings.model, settings.api_base, ""
    if pipeline.prompting.adapter == "PlainAdapter":
        served = f"  # where `{model}` is served under that name"
        model, address = "hosted_vllm/generator", "http://127.0.0.1:8000/v1"
    key = f"os.environ[{settings.api_key_env!r}].strip()" if settings.api_key_env else "'EMPTY'"
    return (
        f"lm = dspy.LM(\n    {model!r},\n    api_base={address!r},{served}\n    api_key={key},\n"
        f"    max_tokens={settings.max_new_tokens},\n    timeout={settings.timeout_seconds!r},\n"
        f"    num_retries={settings.retries},\n    cache=False,\n)"
    )


def _scores(pipeline: Pipeline) -> str:
    if not pipeline.scores:
        return "## Measured\n\nNothing was measured."
    rows = [
        f"| {one.label} | {_percent(one.score.value)} | {_percent(one.score.standard_error)} "
        f"| {_percent(one.score.low)} to {_percent(one.score.high)} | {one.score.n} |"
        for one in pipeline.scores
    ]
    head = "| measured | score | standard error | 95 % interval | n |\n|" + " --- |" * 5
    judge = f"\n\nJudged by {pipeline.task}, {pipeline.checker}." if pipeline.checker else ""
    remarks = "".join(f"\n\n**Note:** {remark}" for remark in pipeline.remarks)
    return "## Measured\n\n" + "\n".join([head, *rows]) + judge + remarks


def _recipe(pipeline: Pipeline) -> str:
    recipe = pipeline.recipe
    rows = [
        ("generator", f"`{pipeline.generator.model}`"),
        ("adapter", f"`{pipeline.prompting.adapter}`, DSPy {pipeline.prompting.dspy_version}"),
        (
            "student asked",
            f"as {pipeline.student_prompt_form} text"
            if pipeline.student_prompt_form == "plain"
            else "through its chat template",
        ),
        ("demos", str(len(recipe.demos))),
        ("temperature", f"{recipe.temperature:g}"),
        ("attempts per context", str(recipe.attempts)),
        ("filter", recipe.filter),
        ("description", "the context's own" if recipe.keep_docstring else "the generated one"),
    ]
    table = "\n".join(f"| {name} | {value} |" for name, value in rows)
    return (
        f"## Recipe\n\n{_fenced(recipe.instruction)}\n\n| knob | value |\n| --- | --- |\n{table}"
    )


def _origin(pipeline: Pipeline) -> str:
    rows = {
        "pipeline": pipeline.hash,
        "generator weights": pipeline.generator_fingerprint,
        "student weights": pipeline.student_fingerprint,
        **pipeline.provenance,
    }
    table = "\n".join(f"| {name} | `{value}` |" for name, value in rows.items())
    return f"## Where it comes from\n\n| what | hash |\n| --- | --- |\n{table}"


def _fenced(text: str, *, language: str = "text") -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"
