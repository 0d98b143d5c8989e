"""From the study file's recipe space to distributions, and from a trial's parameters to a recipe.

Each clause is one categorical over its texts, so the sampler learns about "which docstring style"
apart from "which number type". The texts themselves are the choices: a study whose clause reads
otherwise is another study. What grows while a study runs is a pool instead (`recipes.pool`);
there too a trial's parameters show the text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

from evaluators.task import Demo
from search.recipes.recipe import Recipe
from search.settings.filters import Filter
from search.settings.study import BaselineSettings, RecipeSpace
from stores.content import JSONValue

ParameterValue: TypeAlias = str | int | float | bool
Parameters: TypeAlias = Mapping[str, ParameterValue]
"""What a sampler proposes: one value for each name of `distributions`."""

_CLAUSE = "clause."
ADDITION = "addition"
"""The parameter whose value is added to the instruction."""
DEMO_SET = "demo_set"
"""The parameter whose value names the demos shown."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few unordered values."""

    values: tuple[ParameterValue, ...]


@dataclass(frozen=True, slots=True)
class Real:
    """A real number between two others, both included."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number between two others, both included."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Pooled:
    """One of a pool's values; more come while the study runs."""

    seeds: tuple[str, ...]
    """Those it begins with."""


Distribution: TypeAlias = OneOf | Real | Whole | Pooled


def distributions(space: RecipeSpace) -> dict[str, Distribution]:
    """The parameters of a recipe space by name, in the order they are proposed."""
    clauses: dict[str, Distribution] = {
        _CLAUSE + name: OneOf(tuple(texts)) for name, texts in space.clauses.items()
    }
    sets = tuple(space.demo_sets)
    return {
        **clauses,
        **({ADDITION: Pooled(("",))} if ADDITION in space.growing else {}),
        DEMO_SET: Pooled(sets) if DEMO_SET in space.growing else OneOf(sets),
        "temperature": Real(space.temperature.low, space.temperature.high),
        "attempts": Whole(space.attempts.low, space.attempts.high),
        "filter": OneOf(tuple(space.filter)),
        "keep_docstring": OneOf(tuple(space.keep_docstring)),
    }


def baseline_parameters(
    baseline: BaselineSettings, space: RecipeSpace
) -> dict[str, ParameterValue]:
    """The hand-written recipe as parameters: what trial 0 tries."""
    return {
        **{_CLAUSE + name: baseline.clauses.get(name, "") for name in space.clauses},
        **({ADDITION: ""} if ADDITION in space.growing else {}),
        DEMO_SET: baseline.demo_set,
        "temperature": baseline.temperature,
        "attempts": baseline.attempts,
        "filter": baseline.filter,
        "keep_docstring": baseline.keep_docstring,
    }


def recipe_of(
    parameters: Parameters,
    space: RecipeSpace,
    demos: Mapping[str, Demo],
    *,
    shown: Sequence[Demo] | None = None,
) -> Recipe:
    """The recipe that a set of parameters stands for.

    Args:
        parameters: one value for each name of `distributions(space)`.
        space: the study's recipe space.
        demos: the demo pool by id.
        shown: the demos of a set that was proposed during the study; None for one of the file's.

    Raises:
        KeyError: the demo set is not the file's, and its demos were not handed over.
    """
    texts = [
        space.base,
        *(str(parameters[_CLAUSE + name]) for name in space.clauses),
        str(parameters.get(ADDITION, "")),
    ]
    if shown is None:
        name = str(parameters[DEMO_SET])
        if name not in space.demo_sets:
            raise KeyError(
                f"demo set `{name}` was proposed during a study: `shown` must hold its demos"
            )
        shown = [demos[demo] for demo in space.demo_sets[name]]
    return Recipe(
        instruction=" ".join(text for text in texts if text),
        demos=tuple(shown),
        temperature=float(parameters["temperature"]),
        attempts=int(parameters["attempts"]),
        filter=cast("Filter", parameters["filter"]),
        keep_docstring=bool(parameters["keep_docstring"]),
    )


def space_fingerprint(space: RecipeSpace) -> JSONValue:
    """The space as plain data, for telling whether two studies search the same one."""
    return cast("JSONValue", space.model_dump(mode="json"))
