from __future__ import annotations

from evaluators.task import Demo
from search.recipes.space import OneOf, Real, Whole, baseline_parameters, distributions, recipe_of
from search.settings.study import BaselineSettings, RecipeSpace

DEMO = Demo(("p", "i"), ("d", "l"))
SPACE = RecipeSpace(
    base="Translate.",
    clauses={"numbers": ("", "Use Int."), "style": ("", "Be terse.")},
    demo_sets={"none": (), "one": ("d1",)},
)


def test_each_clause_and_each_knob_is_one_parameter() -> None:
    assert distributions(SPACE) == {
        "clause.numbers": OneOf(("", "Use Int.")),
        "clause.style": OneOf(("", "Be terse.")),
        "demo_set": OneOf(("none", "one")),
        "temperature": Real(0.0, 1.2),
        "attempts": Whole(1, 3),
        "filter": OneOf(("compiles", "faithful")),
        "keep_docstring": OneOf((True, False)),
    }


def test_silent_clauses_leave_no_trace_in_the_instruction() -> None:
    parameters = baseline_parameters(BaselineSettings(clauses={"style": "Be terse."}), SPACE)

    recipe = recipe_of(parameters, SPACE, {})

    assert recipe.instruction == "Translate. Be terse."


def test_a_recipe_holds_the_demos_of_its_set_and_its_knobs() -> None:
    parameters = {
        "clause.numbers": "Use Int.",
        "clause.style": "",
        "demo_set": "one",
        "temperature": 0.3,
        "attempts": 2,
        "filter": "faithful",
        "keep_docstring": False,
    }

    recipe = recipe_of(parameters, SPACE, {"d1": DEMO})

    assert recipe.instruction == "Translate. Use Int."
    assert recipe.demos == (DEMO,)
    assert (recipe.temperature, recipe.attempts) == (0.3, 2)
    assert (recipe.filter, recipe.keep_docstring) == ("faithful", False)
