from __future__ import annotations

import re
from pathlib import Path

import pytest

from search.errors import SettingsError
from search.settings.file import load_study, parse_study, with_overrides
from tests.search_tests.small_study import write_small_study

SMALL = """\
name: small
generator: {model: local/fake}
recipe:
  base: Translate.
  clauses:
    numbers: ["", "Use Int."]
training:
  max_steps: 10
"""


def message_of(text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        parse_study(text, name="study.yaml")
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_small_study_file_is_read(tmp_path: Path) -> None:
    settings = load_study(write_small_study(tmp_path, trials=5))

    assert settings.search.trials == 5
    assert settings.recipe.clauses["care"] == ("", "Be careful.", "Be quick.")


@pytest.mark.parametrize("name", ["embedded", "own-functions"])
def test_every_shipped_example_is_a_study(name: str) -> None:
    examples = Path(__file__).parents[3] / "examples"

    assert load_study(examples / f"{name}.yaml").name == name


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("  max_step: 10", "8: training.max_step: unknown key; did you mean `max_steps`?"),
        ("  max_minutes: 3", "8: training.max_minutes: unknown key"),
        ("  concurrent_trials: 2", "did you mean `search.concurrent_trials`?"),
        ("  max_steps: 3 minutes", "8: training.max_steps: must be a whole number without a unit"),
        ("  max_steps: 2.5", "8: training.max_steps: must be a whole number, not 2.5"),
        ("  max_steps: 0", "8: training.max_steps: input should be greater than or equal to 1"),
        ("  learning_rate: fast", "8: training.learning_rate: must be a number"),
        ("  method: best", "8: training.method: input should be 'full' or 'lora', not \"best\""),
        ("  max_steps: 1\n  max_steps: 2", "9: training.max_steps: stands on line 8 too"),
    ],
)
def test_a_wrong_line_is_named_with_its_key_and_the_way_out(line: str, expected: str) -> None:
    text = SMALL.replace("  max_steps: 10", line)

    assert f"study.yaml:{expected}" in message_of(text) or expected in message_of(text)
    assert re.match(r"study\.yaml:[89]: training\.", message_of(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "study.yaml:1: not a study"),
        ("- a\n- b\n", "study.yaml:1: not a study"),
        ("name: [\n", "study.yaml:2: not YAML"),
        ("name: small\n", "study.yaml:1: generator: missing; add it (and 1 more)"),
        (SMALL.replace("name: small", "name: a/b"), "study.yaml:1: name: "),
        (SMALL.replace("recipe:", "recipes:"), "study.yaml:1: recipe: missing"),
        (
            SMALL.replace('["", "Use Int."]', '["Use Int."]'),
            'study.yaml:1: baseline.clauses: clause `numbers`: "" is not in',
        ),
        (
            SMALL + "baseline:\n  clauses: {number: Use Int.}\n",
            "study.yaml:10: baseline.clauses.number: no such clause (known: numbers)",
        ),
        (
            SMALL + "baseline:\n  demo_set: many\n",
            "study.yaml:10: baseline.demo_set: 'many' lies outside recipe.demo_set",
        ),
        (
            SMALL + "  threads: 4\n",
            "study.yaml:9: training.threads: 4 threads on resources.trainer.cpus = 1; make them",
        ),
        (
            SMALL.replace("training:", "  temperature: {low: 1, high: 0}\ntraining:"),
            "study.yaml:7: recipe.temperature.low: 1.0 lies above high = 0.0",
        ),
    ],
)
def test_a_study_that_cannot_be_meant_is_refused_in_one_line(text: str, expected: str) -> None:
    assert message_of(text).startswith(expected)


def test_a_missing_file_says_where_an_example_is(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such study file; see "):
        load_study(tmp_path / "nowhere.yaml")


def test_another_student_gets_a_study_of_its_own() -> None:
    settings = parse_study(SMALL, name="study.yaml")

    other = with_overrides(settings, student="embedded:student-b", trials=3)

    assert (other.name, other.student, other.search.trials) == (
        "small-student-b",
        "embedded:student-b",
        3,
    )


def test_every_setting_is_described() -> None:
    from pydantic import BaseModel

    from search.settings import study as settings

    models = [
        model
        for model in vars(settings).values()
        if isinstance(model, type) and issubclass(model, BaseModel) and model is not BaseModel
    ]
    undescribed = [
        f"{model.__name__}.{name}"
        for model in models
        for name, field in model.model_fields.items()
        if not field.description
    ]
    assert undescribed == []
