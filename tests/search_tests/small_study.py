"""A study of a dozen contexts and ten problems, as files."""

from __future__ import annotations

import json
from pathlib import Path

CONTEXTS = 12
PROBLEMS = 20

STUDY = """\
name: small
seed: 0
generator: {{model: local/fake}}
student: fake-student
contexts: {{path: {folder}/contexts.jsonl}}
problems:
  search: {folder}/search.jsonl
  sealed: {folder}/sealed.jsonl
recipe:
  base: Translate the Python function to Lean 4.
  clauses:
    care: ["", "Be careful.", "Be quick."]
    length: ["", "Be brief."]
  temperature: {{low: 0.0, high: 1.0}}
  attempts: {{low: 1, high: 2}}
  filter: [compiles, faithful]
  keep_docstring: [false]
baseline:
  temperature: 0.5
  keep_docstring: false
training:
  max_steps: 2
  min_examples: 2
search:
  trials: {trials}
  concurrent_trials: 2
  startup_trials: 2
resources:
  trainer: {{cpus: 0.1}}
"""


def write_small_study(folder: Path, *, trials: int = 5) -> Path:
    """Write the study file and what it names into `folder`."""
    rows = {
        "contexts": [_context(number) for number in range(CONTEXTS)],
        "search": [_problem("search", number) for number in range(PROBLEMS)],
        "sealed": [_problem("sealed", number + PROBLEMS) for number in range(PROBLEMS)],
    }
    for name, values in rows.items():
        text = "".join(json.dumps(value) + "\n" for value in values)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    study = folder / "study.yaml"
    study.write_text(STUDY.format(folder=folder, trials=trials), encoding="utf-8")
    return study


def _context(number: int) -> dict[str, object]:
    return {
        "id": f"c{number}",
        "name": f"double{number}",
        "python": f"def double{number}(x):\n    return x + x\n",
        "docstring": f"Twice x, context {number}.",
        "calls": [{"arguments": [3], "value": 6}],
        "licence": "CC0-1.0",
        "contributor": "tests",
    }


def _problem(split: str, number: int) -> dict[str, object]:
    return {
        "id": f"{split}-{number}",
        "docstring": f"Twice x ({split} {number}).",
        "signature": "def f (x : Int) : Int",
        "tests": ["f 3 = 6"],
        "reference": f"def f (x : Int) : Int := x + x + {number} - {number}",
    }
