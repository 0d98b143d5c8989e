from __future__ import annotations

import dataclasses
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engines.ledger import Cost
from engines.named_models import resolve
from engines.prices import FREE, price_of
from engines.settings import BudgetSettings, PriceSettings
from search.driver.dry_run import dry_run_lines
from search.driver.plan import Search
from search.errors import StudyError
from search.forecast.estimate import Sizes, estimate, reaches
from search.forecast.power import budget_warnings, resolution
from search.forecast.rates import (
    ASSUMED,
    Rate,
    Rates,
    assumed_answer,
    assumed_reply,
    assumed_step,
    measure,
)
from search.materials.problems import load_problems
from search.settings.file import load_study
from search.settings.judge import JudgeSettings
from search.settings.study import StudySettings
from search.study.records import State, TrialRecord
from stores.manifests import Manifest
from tests.search_tests.eng2lean import TASK
from tests.search_tests.fakes import fake_parts
from tests.search_tests.outcomes import outcome_of
from tests.search_tests.small_study import write_small_study

RATES = Rates(
    generate=Rate("candidate", 1.0, input_tokens=100, output_tokens=50, stage_bytes=10, stages=3),
    check=Rate("candidate", 0.5, checks=1, stage_bytes=10, stages=3),
    train=Rate("step", 2.0, stage_bytes=1000, stages=3),
    evaluate=Rate("problem", 0.1, checks=2, stage_bytes=10, stages=3),
)
SIZES = Sizes(contexts=12, search_problems=20, sealed_problems=100, trials_left=5)


@pytest.fixture
def settings(tmp_path: Path) -> StudySettings:
    return load_study(write_small_study(tmp_path))


def test_an_estimate_is_the_rates_times_what_is_left(settings: StudySettings) -> None:
    price = price_of("x", PriceSettings(input_per_million=1.0, output_per_million=10.0))
    found = estimate(settings, RATES, SIZES, price=price)

    # 12 contexts x 1.5 attempts = 18 candidates, 2 steps, 20 problems
    assert found.trial == Cost(
        seconds=18 + 9 + 4 + 2,
        input_tokens=1800,
        output_tokens=900,
        nanodollars=1800 * 1000 + 900 * 10_000,
        checks=18 + 40,
    )
    # two recipes trained again and asked 100 problems, and the untuned student
    assert found.final.seconds == 2 * (18 + 9 + 4 + 10) + 10
    assert found.final.checks == 2 * (18 + 200) + 200
    assert found.total.input_tokens == 7 * 1800
    assert found.hours == pytest.approx((5 * 33 + 92) / 2 / 3600)
    assert found.disk_bytes == 7 * 1030 + 10


def test_gpus_are_held_while_a_student_learns_and_is_asked(settings: StudySettings) -> None:
    trainer = settings.resources.trainer.model_copy(update={"gpus": 0.5})
    resources = settings.resources.model_copy(update={"trainer": trainer})
    shared = settings.model_copy(update={"resources": resources})
    found = estimate(shared, RATES, SIZES, price=FREE)

    # half a GPU for 2 steps of 2 s and 20 problems of 0.1 s; 100 problems in the end
    assert found.trial.gpu_seconds == pytest.approx(0.5 * (4 + 2))
    assert found.final.gpu_seconds == pytest.approx(0.5 * (2 * (4 + 10) + 10))
    assert estimate(settings, RATES, SIZES, price=FREE).total.gpu_seconds == 0


def test_hours_that_trials_spent_side_by_side_are_counted_once(settings: StudySettings) -> None:
    expected = estimate(settings, RATES, SIZES, price=FREE)
    spent = Cost(seconds=2 * 3600)  # two trials at a time, for an hour

    left = reaches(BudgetSettings(hours=2, kept_for_final=0), expected, spent)[0]

    assert left.trials == pytest.approx(3600 / (expected.trial.seconds / 2))


def test_a_judge_is_part_of_every_trial_and_of_no_final_run(settings: StudySettings) -> None:
    lm = {"model": "openai/x", "price": {"input_per_million": 1.0, "output_per_million": 10.0}}
    judge = JudgeSettings.model_validate({"lm": lm, "rows": 5})
    rates = dataclasses.replace(RATES, judge=Rate("row", 3.0, input_tokens=200, output_tokens=10))
    with_judge = settings.model_copy(update={"judge": judge})
    without = estimate(settings, rates, SIZES, price=FREE)
    found = estimate(with_judge, rates, SIZES, price=FREE)

    assert found.final == without.final
    assert found.trial.seconds == without.trial.seconds + 15
    assert found.trial.nanodollars == 5 * (200 * 1000 + 10 * 10_000)


def stage(store: Path, kind: str, inputs: dict[str, object], cost: Cost, made: object) -> None:
    folder = store / kind / str(len(list(store.glob("*/*"))))
    folder.mkdir(parents=True)
    Manifest(folder, inputs, files={}, cost=cost, finished=datetime.now(UTC)).write(folder)
    if isinstance(made, int):
        (folder / "rows.jsonl").write_text("{}\n" * made, encoding="utf-8")
    else:
        (folder / "value.json").write_text(json.dumps(made), encoding="utf-8")


def test_rates_are_measured_on_stages_of_the_same_generator_and_student(
    settings: StudySettings, tmp_path: Path
) -> None:
    store = tmp_path / "stages"
    for seconds, made in ((2.0, 10), (4.0, 20)):
        cost = Cost(seconds=seconds, input_tokens=10 * made, output_tokens=3 * made)
        stage(store, "generate", {"generator": "mine"}, cost, made)
    stage(store, "generate", {"generator": "another"}, Cost(seconds=99.0), 1)
    training = settings.training.config.model_dump(mode="json")
    stage(store, "train", {"student": "s", "training": training}, Cost(seconds=6.0), {})
    stage(store, "train", {"student": "t", "training": training}, Cost(seconds=99.0), {})
    stage(store, "evaluate", {"student": "s"}, Cost(seconds=1.0, checks=8), {"records": [0] * 4})
    (store / "check" / "torn").mkdir(parents=True)
    (store / "check" / "torn" / "manifest.json").write_text("{", encoding="utf-8")

    found = measure([store, tmp_path / "none"], settings, generator="mine", student_sha256="s")

    assert (found.generate.seconds, found.generate.stages) == (0.2, 2)
    assert (found.generate.input_tokens, found.generate.output_tokens) == (10, 3)
    assert (found.train.seconds, found.train.stages) == (3.0, 1)  # 6 s for 2 steps
    assert (found.evaluate.seconds, found.evaluate.checks) == (0.25, 2)
    assert found.check == ASSUMED.check
    assert "measured, n = 2 stages" in str(found.generate)
    assert "assumed, no earlier run" in str(found.check)


def test_a_cap_that_holds_less_than_two_trials_cannot_tell_arms_apart(
    settings: StudySettings,
) -> None:
    expected = estimate(settings, RATES, SIZES, price=FREE)
    budget = BudgetSettings(checks=100, tokens=10_000, hours=100)
    found = {one.setting: one for one in reaches(budget, expected, Cost())}

    # 80 checks for trials of 58; 8,000 tokens for trials of 2,700
    assert found["budget.checks"].trials == pytest.approx(80 / 58)
    assert found["budget.tokens"].trials == pytest.approx(8000 / 2700)
    assert found["budget.hours"].final_fits
    warnings = budget_warnings(list(found.values()), trials_left=5)
    assert any(
        "budget.checks cannot tell the arms apart" in one and "holds 1.4" in one
        for one in warnings
    )
    assert any("budget.tokens holds 2 of 5 trials" in one for one in warnings)
    assert any("budget.checks does not hold the final comparison" in one for one in warnings)
    assert not any("budget.hours" in one for one in warnings)


def test_a_comparison_too_coarse_for_the_gain_says_what_it_takes() -> None:
    few = resolution([], search_problems=50, sealed_problems=50, seeds=1)
    many = resolution([], search_problems=5000, sealed_problems=20_000, seeds=5)

    assert few.final > 0.05 > many.final
    assert "cannot tell the arms apart" in few.warnings()[0]
    assert "sealed problems" in few.warnings()[0]
    assert many.warnings() == []
    assert "disagreement assumed" in few.lines()[0]


def test_two_scored_trials_replace_the_assumptions() -> None:
    records = [
        TrialRecord(number, State.COMPLETE, {}, outcome_of(passed), "", ())
        for number, passed in enumerate((2, 6))
    ]
    found = resolution(records, search_problems=10, sealed_problems=1000, seeds=1)

    assert found.measured
    assert found.gain == pytest.approx(0.4)
    assert found.warnings() == []


def test_a_dry_run_estimates_before_the_first_token_and_writes_nothing(tmp_path: Path) -> None:
    study = write_small_study(tmp_path)
    text = study.read_text(encoding="utf-8") + "budget: {tokens: 3000}\n"
    study.write_text(text, encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))

    lines = dry_run_lines(Search(load_study(study), text, tmp_path / "run", parts=fake_parts()))

    assert "left        5 trials and the final comparison" in lines
    assert any(line.startswith("money       about $0.00") for line in lines)
    assert all("assumed" in line for line in lines if line.startswith("rate "))
    assert any("budget.tokens cannot tell the arms apart" in line for line in lines)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_cap_on_money_without_a_price_is_refused_before_the_first_token(tmp_path: Path) -> None:
    study = write_small_study(tmp_path)
    text = study.read_text(encoding="utf-8").replace(
        "{model: local/fake}", "{model: hosted_vllm/mine, api_base: http://127.0.0.1:9/v1}"
    )
    study.write_text(text + "budget: {money: 5}\n", encoding="utf-8")
    search = Search(load_study(study), text, tmp_path / "run", parts=fake_parts())

    with pytest.raises(StudyError, match=r"no price is known for hosted_vllm/mine; state gener"):
        dry_run_lines(search)

    priced = search.settings.generator.model_copy(
        update={"price": PriceSettings(input_per_million=1, output_per_million=2)}
    )
    stated = search.settings.model_copy(update={"generator": priced})
    lines = dry_run_lines(dataclasses.replace(search, settings=stated))
    money = next(line for line in lines if line.startswith("money"))
    assert "generator.price" in money
    assert "$0.00 (" not in money


def test_what_nobody_measured_is_assumed_to_grow_with_weights_and_tokens(
    settings: StudySettings, tmp_path: Path
) -> None:
    student = tmp_path / "student"
    shutil.copytree(resolve("embedded:student-a"), student)
    head = json.dumps({"w": {"dtype": "F32", "shape": [1_144_080, 134], "data_offsets": [0, 0]}})
    more = len(head).to_bytes(8, "little") + head.encode()
    (student / "more.safetensors").write_bytes(more)
    problems = load_problems("embedded:search_problems", TASK)
    small = settings.model_copy(update={"student": "embedded:student-a"})
    large = settings.model_copy(update={"student": str(student)})

    assert assumed_step(small, problems) == ASSUMED.train
    assert assumed_answer(small) == ASSUMED.evaluate
    step, answer = assumed_step(large, problems), assumed_answer(large)
    # 1,144,080 + 134 times as many
    assert step.seconds == pytest.approx(135 * ASSUMED.train.seconds)
    assert answer.seconds == pytest.approx(135 * ASSUMED.evaluate.seconds)
    assert step.stage_bytes == pytest.approx(135 * ASSUMED.train.stage_bytes)
    assert "scaled from 1.1 M to 154.5 M weights" in str(step)
    doubled = large.training.model_copy(update={"batch_size": 32, "method": "lora"})
    twice = assumed_step(large.model_copy(update={"training": doubled}), problems)
    assert twice.seconds == pytest.approx(2 * step.seconds)
    assert twice.stage_bytes == ASSUMED.train.stage_bytes
    asked = large.evaluation.model_copy(
        update={"max_new_tokens": 192, "attempts": 3, "temperature": 1.0}
    )
    often = assumed_answer(large.model_copy(update={"evaluation": asked}))
    assert often.seconds == pytest.approx(6 * answer.seconds)
    assert often.checks == 3


def test_a_model_of_unknown_size_and_a_gpu_are_said(settings: StudySettings) -> None:
    assert "its own number is not known yet" in str(assumed_answer(settings))  # a hub id
    trainer = settings.resources.trainer.model_copy(update={"gpus": 1})
    resources = settings.resources.model_copy(update={"trainer": trainer})
    on_gpu = settings.model_copy(update={"resources": resources, "student": "embedded:student-a"})
    assert "as on a CPU core: a GPU is faster" in str(assumed_answer(on_gpu))
    generator = settings.generator.model_copy(
        update={"model": "embedded:generator", "max_new_tokens": 320}
    )
    assert assumed_reply(generator).seconds == pytest.approx(2 * ASSUMED.generate.seconds)
