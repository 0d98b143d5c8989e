"""Recipes in words: one in full, and the others by what differs from it.

Most of a study's recipes agree in most of their knobs; what they agree in is said once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from evaluators.words import counted
from search.recipes.space import ADDITION, DEMO_SET, Parameters, ParameterValue
from search.study.records import TrialRecord

SAME = "as the baseline"
_KNOBS: Mapping[str, Callable[[ParameterValue], str]] = {
    DEMO_SET: lambda value: f"demos {value}",
    "temperature": lambda value: f"temperature {float(value):.2f}",
    "attempts": lambda value: counted(int(value), "attempt"),
    "filter": lambda value: f"filter {value}",
    "keep_docstring": lambda value: "own docstring" if value else "generated docstring",
}


def describe(parameters: Parameters) -> str:
    """A recipe in one line, silent clauses left out."""
    return " · ".join(words for words in _words(parameters).values() if words)


def differences(parameters: Parameters, base: Parameters) -> str:
    """What a recipe does otherwise than another one."""
    mine, others = _words(parameters), _words(base)
    changed = [
        words or f"without {others[name]}"
        for name, words in mine.items()
        if words != others.get(name, "")
    ]
    return " · ".join(changed) or SAME


def recipes_told(records: Sequence[TrialRecord]) -> tuple[str, dict[int, str]]:
    """The baseline in full, and each trial by what differs from it.

    Without trial 0 nothing is common: the first text is empty, and every recipe stands in full.
    """
    base = next((one.parameters for one in records if one.number == 0), None)
    if base is None:
        return "", {one.number: describe(one.parameters) for one in records}
    told = {one.number: differences(one.parameters, base) for one in records}
    return describe(base), {**told, 0: "the baseline"}


def repeats_line(repeats: int) -> str:
    """How many proposals were repeats; empty where none was."""
    if not repeats:
        return ""
    return (
        f"repeats     {counted(repeats, 'proposal')} of a recipe that had been tried: not run, "
        "not counted, and another drawn instead"
    )


def _words(parameters: Parameters) -> dict[str, str]:
    texts = {
        name: f'"{value}"' if value else ""
        for name, value in parameters.items()
        if name.startswith("clause.") or name == ADDITION
    }
    knobs = {name: told(parameters[name]) for name, told in _KNOBS.items() if name in parameters}
    return texts | knobs
