"""The card of a frozen pipeline, in the form Hugging Face reads: YAML head, then Markdown."""

from __future__ import annotations

from search.offline.pipeline import PROGRAM, Pipeline
from search.sweep.transfer import Transfer
from search.sweep.transfer_table import transfer_markdown

_HEAD = """---
library_name: dspy
pipeline_tag: text-generation
tags: [outerloop, synthetic-data, lean4, python]
---
"""

_PLAIN_DSPY = f"""```python
import dspy


class WriteLean(dspy.Signature):
    python: str = dspy.InputField()
    docstring_in: str = dspy.InputField()
    docstring: str = dspy.OutputField()
    lean: str = dspy.OutputField()


class Generator(dspy.Module):
    def __init__(self):
        super().__init__()
        self.write = dspy.Predict(WriteLean)

    def forward(self, **inputs):
        return self.write(**inputs)


generator = Generator()
generator.load("{PROGRAM}")
```"""


def pipeline_card(pipeline: Pipeline, transfer: Transfer | None = None) -> str:
    """The card: what it is, what was measured, how to use it, what it came from.

    Args:
        pipeline: what the card is of.
        transfer: how far its recipe carries to other students, where a sweep measured it.
    """
    sections = [
        _HEAD + f"# {pipeline.name}: a Python-to-Lean data generator for {pipeline.student}",
        "A prompt and its knobs, frozen. They were found by fine-tuning "
        f"`{pipeline.student}` on the data they make and scoring it on the final task "
        "(English docstring to Lean 4), not on a proxy. For another base model, search again.",
        _scores(pipeline),
        *([f"## Other students\n\n{transfer_markdown(transfer)}"] if transfer else []),
        "## Use\n\n```sh\nouterloop generate . CONTEXTS.jsonl --out data\n```\n\n"
        "Without Outerloop, the prompt alone loads into plain DSPy (sampling settings are in "
        "`pipeline.json`; DSPy does not save them):\n\n" + _PLAIN_DSPY,
        _recipe(pipeline),
        _origin(pipeline),
        "## Limits\n\nThe scores hold for this student, this generator and these problems. What "
        "the generator writes for other code must be checked: `outerloop generate` asks Lean "
        "about every row and keeps what was refused, with the reason.",
    ]
    return "\n\n".join(sections) + "\n"


def _scores(pipeline: Pipeline) -> str:
    if not pipeline.scores:
        return "## Measured\n\nNothing was measured."
    rows = [
        f"| {one.label} | {_percent(one.score.value)} | {_percent(one.score.standard_error)} "
        f"| {_percent(one.score.low)} to {_percent(one.score.high)} | {one.score.n} |"
        for one in pipeline.scores
    ]
    head = "| measured | score | standard error | 95 % interval | n |\n|" + " --- |" * 5
    judge = f"\n\nJudged by Lean {pipeline.lean_version}." if pipeline.lean_version else ""
    remarks = "".join(f"\n\n**Note:** {remark}" for remark in pipeline.remarks)
    return "## Measured\n\n" + "\n".join([head, *rows]) + judge + remarks


def _recipe(pipeline: Pipeline) -> str:
    recipe = pipeline.recipe
    rows = [
        ("generator", f"`{pipeline.generator.model}`"),
        ("demos", str(len(recipe.demos))),
        ("temperature", f"{recipe.temperature:g}"),
        ("attempts per context", str(recipe.attempts)),
        ("filter", recipe.filter),
        ("docstring", "the context's own" if recipe.keep_docstring else "the generated one"),
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


def _fenced(text: str) -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}text\n{text}\n{fence}"


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"
