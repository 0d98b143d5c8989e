from __future__ import annotations

from pathlib import Path

import pytest

from engines.errors import BudgetSpent, ModelUnavailable
from search.errors import SettingsError, StudyError
from search.generation.instruction_writing import Brief
from search.materials.gathering import gather
from search.proposals.from_lm import STAGE
from search.settings.study import flat_settings
from search.study.ledger import made_by
from search.study.records import State
from tests.search_tests.chat_server import chat_server, in_every_field
from tests.search_tests.eng2lean import TASK
from tests.search_tests.growing_study import (
    GROWING,
    PROPOSALS,
    FakeWriter,
    growing_settings,
    open_growing,
)

LM = "proposals: {at_start: 0, trials_per_arm: 1, sources: [reflected], lm: {model: local/w}}\n"
TEXTS = "  growing: [addition]\n"


class FlakyWriter(FakeWriter):
    """Fails every second time."""

    def write(self, brief: Brief, *, seed: int) -> str:
        text = super().write(brief, seed=seed)
        if len(self.briefs) % 2:
            raise ModelUnavailable("no answer")
        return text


def test_a_written_pool_is_let_in_bit_by_bit_and_makes_the_search_better(tmp_path: Path) -> None:
    growing = 'growing: [addition]\n  additions: ["Think first.", "Be very careful."]\n'
    settings = growing_settings(
        tmp_path,
        growing=f"  {growing}",
        proposals="proposals: {at_start: 1, trials_per_arm: 2, sources: [written]}\n",
    )
    search = open_growing(tmp_path, settings)

    search.run(1)
    first = search.values("addition")
    records = search.run(11)

    assert first == ["", "Think first."]
    assert search.values("addition") == ["", "Think first.", "Be very careful."]
    added = [one for one in records if one.parameters["addition"] == "Be very careful."]
    assert added
    careful = [one.outcome.score.value for one in added if one.outcome]
    others = [
        one.outcome.score.value
        for one in records
        if one.outcome and "careful" not in str(dict(one.parameters))
    ]
    assert min(careful) > max(others)


def test_every_arm_says_where_it_comes_from(tmp_path: Path) -> None:
    search = open_growing(tmp_path, growing_settings(tmp_path))
    search.run(10)

    arms = search.study.pools["addition"].arms
    sets = search.study.pools["demo_set"].arms

    assert [arm.origin for arm in arms[:2]] == ["study file", "written"]
    assert {"written", "joined", "crossed"} <= {arm.origin for arm in arms}
    assert all(arm.parents for arm in arms if arm.origin in {"joined", "crossed"})
    assert [arm.after for arm in arms] == sorted(arm.after for arm in arms)
    rows = [arm for arm in sets if arm.origin == "rows"]
    assert rows
    assert all(arm.parents[0].startswith("trial ") for arm in rows)
    assert all(demo.outputs[1].endswith("x + x") for arm in rows for demo in arm.demos or ())
    assert any("let in" in line and "(crossed from addition" in line for line in search.told)


def test_generate_depends_on_the_text_and_not_on_its_number(tmp_path: Path) -> None:
    search = open_growing(tmp_path, growing_settings(tmp_path))
    records = search.run(8)
    shelf = tmp_path / "stages" / "generate"

    inputs = [path.read_text(encoding="utf-8") for path in shelf.glob("*/manifest.json")]

    tried = {str(one.parameters["addition"]) for one in records} - {""}
    assert all(any(text in manifest for manifest in inputs) for text in tried)
    assert not any('"addition"' in manifest for manifest in inputs)


def test_a_killed_study_goes_on_with_the_same_arms(tmp_path: Path) -> None:
    settings = growing_settings(tmp_path)
    before = open_growing(tmp_path, settings)
    before.run(4)

    after = open_growing(tmp_path, settings)

    assert after.study.pools["addition"].arms == before.study.pools["addition"].arms
    assert after.study.pools["demo_set"].arms == before.study.pools["demo_set"].arms
    known = len(after.values("addition"))
    after.run(3)
    assert len(after.values("addition")) in (known + 2, known + 3)


def test_a_proposer_that_returns_the_same_text_for_ever_is_retired_and_the_search_goes_on(
    tmp_path: Path,
) -> None:
    settings = growing_settings(tmp_path, growing=TEXTS, proposals=LM)
    writer = FakeWriter(["Be very careful."])
    search = open_growing(tmp_path, settings, writers={"reflected": writer})

    records = search.run(8)

    assert sum(one.state is State.COMPLETE for one in records) == 8
    assert search.values("addition") == ["", "Be very careful."]
    assert len(writer.briefs) == 4  # one that was let in, three that were known
    retired = [line for line in search.told if "retired" in line]
    assert retired == [
        "proposer    `reflected` is retired after 3 drafts in a row that cannot be tried, the "
        "last for: known (it is arm 1); the search goes on without it"
    ]
    again = open_growing(tmp_path, settings, writers={"reflected": writer})
    again.run(2)
    assert len(writer.briefs) == 4
    better = FakeWriter(["Be quiet."])
    better.fingerprint = "another-model"
    open_growing(tmp_path, settings, writers={"reflected": better}).run(2)
    assert better.briefs  # another model under `proposals.lm` is not judged by the first


def test_a_language_model_that_is_away_costs_no_trial_and_is_asked_again_in_the_next_run(
    tmp_path: Path,
) -> None:
    settings = growing_settings(tmp_path, growing=TEXTS, proposals=LM)
    away = FakeWriter([""], fails=ModelUnavailable("no answer"))
    search = open_growing(tmp_path, settings, writers={"reflected": away})

    records = search.run(6)

    assert all(one.state is State.COMPLETE for one in records)
    assert len(away.briefs) == 3
    assert search.told == [
        "proposer    `reflected` is asked again later: no answer",
        "proposer    `reflected` rests until the next run: no answer",
    ]
    back = FakeWriter(["Be careful."])
    open_growing(tmp_path, settings, writers={"reflected": back}).run(2)
    assert len(back.briefs) > 0


def test_a_budget_that_is_spent_stops_the_asking_and_not_the_search(tmp_path: Path) -> None:
    settings = growing_settings(tmp_path, growing=TEXTS, proposals=LM)
    spent = FakeWriter([""], fails=BudgetSpent("budget.tokens is spent"))
    search = open_growing(tmp_path, settings, writers={"reflected": spent})

    records = search.run(4)

    assert (len(spent.briefs), len(records)) == (1, 4)
    assert "rests until the next run: budget.tokens is spent" in search.told[0]


def test_a_text_that_quotes_a_problem_is_never_tried(tmp_path: Path) -> None:
    settings = growing_settings(tmp_path, growing=TEXTS, proposals=LM)
    writer = FakeWriter(
        [
            "Be careful, as with this one: Twice x (sealed 23).",
            "Write it like this:\n```lean\ndef g (y : Int) : Int := y + y + 21 - 21\n```",
            "Say less.",
        ]
    )
    search = open_growing(tmp_path, settings, writers={"reflected": writer})

    search.run(5)

    assert search.values("addition") == ["", "Say less."]


def test_a_writer_sees_refused_rows_and_lost_problems_and_nothing_sealed(tmp_path: Path) -> None:
    settings = growing_settings(tmp_path, growing=TEXTS, proposals=LM)
    writer = FakeWriter(["Be careful."])
    open_growing(tmp_path, settings, writers={"reflected": writer}).run(3)

    brief = writer.briefs[0]
    feedback = [lesson.feedback for lesson in brief.lessons]

    assert brief.instruction.startswith("Translate the Python function to Lean 4.")
    assert any("This row was refused: unfaithful" in one for one in feedback)
    assert any(one.startswith("The answer failed: ") for one in feedback)
    assert "sealed" not in repr(brief)


def test_a_writer_is_told_how_much_may_still_be_added(tmp_path: Path) -> None:
    settings = growing_settings(tmp_path, growing=TEXTS, proposals=LM)
    writer = FakeWriter(["Be careful indeed."])

    open_growing(tmp_path, settings, writers={"reflected": writer}).run(6)

    left = {("indeed" in one.instruction): one.longest for one in writer.briefs}
    assert left == {False: 600, True: 600 - len("Be careful indeed.")}


def test_what_a_writer_wrote_is_a_stage_and_in_the_ledger(tmp_path: Path) -> None:
    settings = growing_settings(tmp_path, growing=TEXTS, proposals=LM)
    search = open_growing(tmp_path, settings, writers={"reflected": FakeWriter(["a.", "b."])})
    search.run(3)

    ledger = made_by(tmp_path / "stages", search.study.identity)

    assert {entry.who for entry in ledger.entries} == {"proposals"}
    assert {entry.line.stage for entry in ledger.entries} == {STAGE}


def test_an_arm_whose_trials_only_fail_is_drawn_no_more(tmp_path: Path) -> None:
    growing = '  growing: [addition]\n  additions: ["Fail."]\n'
    settings = growing_settings(
        tmp_path,
        growing=growing,
        proposals="proposals: {at_start: 1, sources: [written]}\n",
    )
    search = open_growing(tmp_path, settings, min_examples=10_000)

    records = search.run(14)

    tries = [one.number for one in records if one.parameters["addition"] == "Fail."]
    assert len(tries) == 2
    assert search.study.pools["addition"].live == (0,)
    assert search.told[-1] == "retired     addition 1: 2 trials failed"


@pytest.mark.parametrize(
    ("growing", "proposals", "said"),
    [
        ("  additions: [a]\n", "", "recipe.additions: never tried; set `growing: [addition]`"),
        ("  growing: [addition]\n", "", "recipe.growing: nothing could ever be added"),
        (GROWING, "proposals: {sources: [grounded]}\n", "`grounded` needs a language model"),
        (GROWING.replace("Be terse. Say no more.", "Think it over."), "", "lists one value twice"),
        (
            GROWING.replace("Be terse. Say no more.", "Be brief."),
            "",
            "is a clause's text; drop it",
        ),
        (GROWING, "proposals: {longest: 20}\n", "recipe.additions: 28 characters"),
        (GROWING, "proposals: {at_strat: 2}\n", "did you mean `at_start`?"),
    ],
)
def test_a_study_file_that_cannot_grow_is_refused_in_one_line(
    tmp_path: Path, growing: str, proposals: str, said: str
) -> None:
    with pytest.raises(SettingsError, match=r"study\.yaml:") as caught:
        growing_settings(tmp_path, growing=growing, proposals=proposals)

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_study_that_does_not_grow_is_noted_as_before(tmp_path: Path) -> None:
    flat = flat_settings(growing_settings(tmp_path, growing="", proposals=""))

    assert not [name for name in flat if "growing" in name or "proposals" in name]
    assert "recipe.additions" not in flat


def test_addresses_of_the_proposing_model_are_not_noted(tmp_path: Path) -> None:
    lm = "proposals: {lm: {model: hosted_vllm/m, api_base: 'http://h/v1', api_key_env: K}}\n"

    flat = flat_settings(growing_settings(tmp_path, proposals=lm))

    assert flat["proposals.lm.model"] == "hosted_vllm/m"
    assert not [name for name in flat if ".api_" in name]


def test_a_written_addition_that_quotes_a_sealed_problem_stops_the_study_before_it_starts(
    tmp_path: Path,
) -> None:
    growing = '  growing: [addition]\n  additions: ["Do as in: Twice x (sealed 23)."]\n'
    settings = growing_settings(tmp_path, growing=growing)
    settings = settings.model_copy(update={"student": "hub-student"})

    with pytest.raises(StudyError, match=r"recipe\.additions: .* leak \(problem sealed-23"):
        gather(settings)


def test_a_dry_run_says_how_the_pools_grow(tmp_path: Path) -> None:
    lm = PROPOSALS.replace("}", ", lm: {model: local/w}}")
    settings = growing_settings(tmp_path, proposals=lm)

    lines = settings.proposals.lines(settings.recipe.growing, trials=5)

    assert lines == [
        "grows       addition and demo_set: 1 arm at the start, 6 after 5 trials; from written, "
        "joined, crossed, rows, grounded, reflected",
        "            local/w is asked for at most 12 texts; its tokens are held to the caps, and "
        "are not in the estimate",
    ]
    assert settings.proposals.lines((), trials=5) == []


def test_a_proposer_with_a_bug_rests_and_the_search_goes_on(tmp_path: Path) -> None:
    settings = growing_settings(tmp_path, growing=TEXTS, proposals=LM)
    broken = FakeWriter([""], fails=ZeroDivisionError("a bug"))
    search = open_growing(tmp_path, settings, writers={"reflected": broken})

    records = search.run(5)

    assert all(one.state is State.COMPLETE for one in records)
    assert search.told[-1] == (
        "proposer    `reflected` rests until the next run: ZeroDivisionError: a bug"
    )


def test_a_language_model_that_fails_now_and_then_is_not_given_up(tmp_path: Path) -> None:
    settings = growing_settings(tmp_path, growing=TEXTS, proposals=LM)
    writer = FlakyWriter([f"Say {number}." for number in range(20)])
    search = open_growing(tmp_path, settings, writers={"reflected": writer})

    search.run(10)

    assert len(writer.briefs) >= 8  # every second time without an answer
    assert not [line for line in search.told if "rests" in line]
    assert len(search.values("addition")) > 4


def test_while_an_arm_comes_for_every_trial_every_trial_tries_a_new_one(tmp_path: Path) -> None:
    settings = growing_settings(tmp_path, proposals="proposals: {at_start: 2}\n")

    records = open_growing(tmp_path, settings).run(7)

    tried = [str(one.parameters["addition"]) for one in records]
    assert len(set(tried)) == len(tried)


def test_served_models_that_say_the_same_for_ever_are_retired_one_by_one(tmp_path: Path) -> None:
    """DSPy's proposers themselves, asked over HTTP while a study runs."""
    from search.generation.instruction_writing import make_writers

    with chat_server(in_every_field("Translate it. Be very careful.")) as server:
        lm = f"lm: {{model: hosted_vllm/w, api_base: '{server.address}', max_new_tokens: 50}}"
        served = f"proposals: {{at_start: 0, sources: [grounded, reflected], {lm}}}\n"
        settings = growing_settings(tmp_path, growing=TEXTS, proposals=served)
        assert settings.proposals.lm is not None
        search = open_growing(
            tmp_path, settings, writers=make_writers(settings.proposals.lm, TASK)
        )

        records = search.run(9)
        asked = len(server.requests)
        search.run(1)

    assert all(one.state is State.COMPLETE for one in records)
    assert search.values("addition") == ["", "Translate it. Be very careful."]
    assert search.study.pools["addition"].arm(1).origin == "grounded"
    retired = [line.split("`")[1] for line in search.told if "is retired after 3" in line]
    assert sorted(retired) == ["grounded", "reflected"]
    assert len(server.requests) == asked
    # two about the data, one that was let in, and three of each that were known
    assert asked == 2 + 1 + 3 + 3
