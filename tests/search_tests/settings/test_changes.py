from __future__ import annotations

import pytest

from search.errors import StudyChanged
from search.settings.changes import allowed, changes, refuse_changes

BEFORE = {
    "seed": 0,
    "student": "a",
    "training.max_steps": 100,
    "evaluation.temperature": 0,
    "recipe.base": "Translate.",
    "search.trials": 5,
}
FREE = frozenset({"search.", "budget."})


def refused(**now: object) -> str:
    named = {name.replace("__", "."): value for name, value in now.items()}
    with pytest.raises(StudyChanged) as caught:
        refuse_changes("s", changes(BEFORE, {**BEFORE, **named}), may_change=FREE)
    return str(caught.value)


def test_what_may_change_is_told_and_not_refused() -> None:
    found = changes(BEFORE, {**BEFORE, "search.trials": 9, "budget.money": 5})

    refuse_changes("s", found, may_change=FREE)
    assert [str(one) for one in allowed(found, FREE)] == [
        "search.trials 5 → 9",
        "budget.money null → 5",
    ]


def test_every_change_is_named_up_to_a_few() -> None:
    assert 'seed = 0, the study file says 1, student "a" → "b"; give' in refused(
        seed=1, student="b"
    )
    assert refused(**{f"recipe__knob{number}": number for number in range(9)}).count("→") == 3
    assert " and 5 more; " in refused(**{f"recipe__knob{number}": 1 for number in range(9)})


@pytest.mark.parametrize(
    ("now", "stays"),
    [
        ({"training__max_steps": 200}, "(rows and Lean's verdicts on them stay valid"),
        ({"student": "b"}, "(rows and Lean's verdicts on them stay valid"),
        ({"evaluation__temperature": 1}, "(rows, verdicts and fine-tunes stay valid"),
        ({"recipe__base": "Say it."}, "(all stages of recipes that both studies hold stay valid"),
        ({"student": "b", "evaluation__temperature": 1}, "(rows and Lean's verdicts"),
    ],
)
def test_the_stages_before_the_changed_one_stay_valid(now: dict[str, object], stays: str) -> None:
    message = refused(**now)
    assert stays in message
    assert "--stages-dir" in message


def test_where_nothing_stays_valid_nothing_is_promised() -> None:
    assert refused(seed=1, student="b").endswith(
        "give the file another `name:` or `--run-dir`, or set it back"
    )
