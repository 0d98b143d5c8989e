"""A language model's opinion of training rows, asked of a real endpoint on this machine."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from engines.budget import Purse, carried
from engines.caps import Caps
from engines.ledger import Ledger
from evaluators.proxies.proxy import Proxy
from search.errors import SettingsError, StudyError
from search.generation.judge_model import DspyJudge
from search.report.ranking import absence_lines, ranked_proxies
from search.settings.file import parse_study
from search.settings.judge import JudgeSettings
from search.settings.study import flat_settings
from search.spending.budgets import Spending, require_price
from search.study.records import State, TrialRecord
from search.trial.machines import real_parts
from search.trial.outcome import TrialOutcome
from search.trial.trial import run_trial
from search.trial.workshop import Workshop
from stores.stages import StageStore
from tests.search_tests.chat_server import ChatServer, chat_server
from tests.search_tests.fakes import FakeGenerator, FakeLearner, FakeSandbox
from tests.search_tests.settings.test_file import SMALL
from tests.search_tests.trial.test_trial import CAREFUL, PLAN

LOOSE = dataclasses.replace(CAREFUL, filter="none")
CARELESS = dataclasses.replace(LOOSE, instruction="Be quick.")


def settings(server: ChatServer, **changed: object) -> JudgeSettings:
    lm = {"model": "hosted_vllm/m", "api_base": server.address, "retries": 0}
    if changed.pop("one_by_one", False):
        lm["concurrent_calls"] = 1
    price = {"input_per_million": 1.0, "output_per_million": 2.0}
    return JudgeSettings.model_validate({"lm": {**lm, "price": price}, **changed})


def run(folder: Path, judge: JudgeSettings, recipe=LOOSE) -> tuple[TrialOutcome, Ledger]:
    machines = (FakeGenerator(), FakeSandbox(), FakeLearner())
    ledger = Ledger()
    outcome = run_trial(
        recipe,
        plan=dataclasses.replace(PLAN, judging=judge, min_examples=1),
        workshop=Workshop(*machines, DspyJudge(judge)),
        stages=StageStore(folder / "stages", ledger=ledger),
    )
    return outcome, ledger


def opinion_of(outcome: TrialOutcome) -> Proxy:
    (found,) = [one for one in outcome.proxies if one.name == "judge"]
    return found


def sums(prompt: str) -> str:
    """Yes to `x + x`, but not of the third context."""
    right = "x + x" in prompt and "f2 " not in prompt
    return f"I looked at it.\nVERDICT: {'yes' if right else 'no'}"


def test_a_trial_keeps_the_share_of_its_rows_that_a_judge_calls_right(tmp_path: Path) -> None:
    with chat_server(sums) as server:
        outcome, ledger = run(tmp_path, settings(server))
        again, second = run(tmp_path, settings(server))
    assert opinion_of(outcome) == Proxy("judge", 0.75, 4)
    assert len(server.prompts) == 4  # the second trial read the first one's stage
    assert opinion_of(again) == opinion_of(outcome)
    (line,) = [line for line in ledger.lines if line.stage == "judge"]
    assert (line.cost.input_tokens, line.cost.output_tokens) == (400, 80)
    assert line.cost.nanodollars == 4 * (100 * 1000 + 20 * 2000)
    assert [one.cached for one in second.lines if one.stage == "judge"] == [True]
    rows = next((tmp_path / "stages" / "judge").glob("[!.]*/value.json")).read_text("utf-8")
    assert "I looked at it." in rows
    assert "Twice x (0, 0.700000)." in server.prompts[0]
    assert "def f0 (x : Int) : Int := x + x" in "".join(server.prompts)
    assert server.requests[0]["temperature"] == 0.0


def test_every_trial_is_judged_on_the_same_contexts(tmp_path: Path) -> None:
    asked = []
    for number, recipe in enumerate((LOOSE, CARELESS)):
        with chat_server(sums) as server:
            run(tmp_path / str(number), settings(server, rows=2, seed=5), recipe)
        asked.append({re.findall(r"def (f\d)", prompt)[0] for prompt in server.prompts})
    assert asked[0] == asked[1]
    assert len(asked[0]) == 2


def test_a_judge_that_breaks_down_leaves_the_score_and_no_number(tmp_path: Path) -> None:
    with chat_server(lambda prompt: sums(prompt) if "f0 " in prompt else None) as server:
        outcome, _ = run(tmp_path, settings(server, one_by_one=True))
        assert outcome.score.value == 0.4
        found = opinion_of(outcome)
        assert (found.value, found.n) == (None, 0)
        assert found.why.startswith("judge.lm hosted_vllm/m at http://127.0.0.1")
        server.rule = sums  # repaired: the row that was judged is paid for and not asked again
        outcome, ledger = run(tmp_path, settings(server, one_by_one=True))
    assert opinion_of(outcome) == Proxy("judge", 0.75, 4)
    assert sum("f0 " in prompt for prompt in server.prompts) == 1
    (line,) = [line for line in ledger.lines if line.stage == "judge"]
    assert (line.cost.input_tokens, line.cost.output_tokens) == (400, 80)


def test_a_row_that_a_judge_fails_on_is_one_without_an_opinion(tmp_path: Path) -> None:
    with chat_server(lambda prompt: None if "f3 " in prompt else sums(prompt)) as server:
        outcome, _ = run(tmp_path, settings(server))
    assert opinion_of(outcome).n == 3  # yes, yes, no
    assert opinion_of(outcome).value == pytest.approx(2 / 3)


def test_a_judge_that_is_not_there_leaves_the_score(tmp_path: Path) -> None:
    gone = settings(ChatServer(sums, "http://127.0.0.1:9/v1"))
    outcome, _ = run(tmp_path, gone)
    assert outcome.score.value == 0.4
    assert opinion_of(outcome).value is None
    assert "\n" not in opinion_of(outcome).why


def test_a_judge_without_verdicts_has_no_opinion_and_says_so(tmp_path: Path) -> None:
    with chat_server(lambda _: "Hard to say.") as server:
        outcome, _ = run(tmp_path, settings(server))
    assert opinion_of(outcome).value is None
    assert opinion_of(outcome).why == "none of its 4 answers ends with a verdict"


def test_a_spent_budget_costs_the_opinion_and_not_the_score(tmp_path: Path) -> None:
    purse = Purse(tmp_path / "budget.db", Caps(tokens=500))
    with chat_server(sums) as server, carried(purse):
        outcome, _ = run(tmp_path, settings(server))
    assert server.prompts == []
    assert outcome.score.value == 0.4
    assert "raise budget.tokens" in opinion_of(outcome).why


def test_the_report_ranks_the_judge_and_says_where_it_is_absent(tmp_path: Path) -> None:
    with chat_server(sums) as server:
        judged = run(tmp_path, settings(server))[0]
        server.rule = lambda _: None
        broken = run(tmp_path, settings(server, seed=1))[0]
    records = [
        TrialRecord(number, State.COMPLETE, {}, outcome, (), "")
        for number, outcome in enumerate((judged, broken))
    ]
    (ranked,) = [one for one in ranked_proxies(records) if one.name == "judge"]
    assert ranked.n == 1
    (line,) = absence_lines(records)
    assert line.startswith("judge is absent from 1 of 2 trials, 1 time: judge.lm hosted_vllm/m")


def test_a_study_without_a_judge_is_the_study_it_was() -> None:
    flat = flat_settings(parse_study(SMALL, name="study.yaml"))
    assert not [name for name in flat if name.startswith("judge")]


JUDGE = SMALL + (
    "judge:\n"
    "  lm: {model: openai/no-such-model, api_base: 'http://judge.example/v1', "
    "api_key_env: JUDGE_KEY}\n"
)


def test_neither_the_judges_address_nor_its_key_is_written_down() -> None:
    flat = flat_settings(parse_study(JUDGE, name="study.yaml"))
    assert flat["judge.lm.model"] == "openai/no-such-model"
    assert flat["judge.lm.max_new_tokens"] == 1024
    assert not [name for name in flat if name.startswith("judge.lm.api")]


def test_a_key_that_is_not_set_is_named_before_the_first_trial(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("JUDGE_KEY", raising=False)
    text = JUDGE.replace("local/fake", "embedded:generator")
    with pytest.raises(StudyError, match=r"judge\.lm\.api_key_env names JUDGE_KEY"):
        real_parts().require(parse_study(text, name="study.yaml"))


def test_the_embedded_generator_is_refused_as_a_judge() -> None:
    text = JUDGE.replace("openai/no-such-model", "embedded:generator")
    with pytest.raises(SettingsError, match=r"judge\.lm\.model: embedded:generator writes Lean"):
        parse_study(text, name="study.yaml")


def test_money_is_capped_for_the_judge_too(tmp_path: Path) -> None:
    capped = parse_study(JUDGE + "budget: {money: 1}\n", name="study.yaml")
    with pytest.raises(StudyError, match=r"state judge\.lm\.price"):
        require_price(capped)
    paid = parse_study(JUDGE, name="study.yaml")
    assert Spending.of(paid, tmp_path).trials is not None
