"""What every `Sandbox` does; subclass it and provide the fixture `sandbox`."""

from __future__ import annotations

from lean_sandbox.sandbox import CheckRequest, Sandbox, check
from lean_sandbox.verdict import Note, NoteKind, Outcome, TestOutcome

INCREMENT = "def f (x : Int) : Int := x + 1"


class SandboxContract:
    def test_an_empty_batch_gets_no_verdicts(self, sandbox: Sandbox) -> None:
        assert sandbox.check_many([]) == []

    def test_a_right_definition_is_accepted_with_its_tests_proved(self, sandbox: Sandbox) -> None:
        said = check(
            sandbox, INCREMENT, target="def f (x : Int) : Int", tests=["f 2 = 3", "f (-1) = 0"]
        )
        assert said.accepted
        assert said.compiles
        assert said.reason == ""
        assert said.tests == (TestOutcome.PASSED, TestOutcome.PASSED)

    def test_a_wrong_value_fails_its_test_and_still_compiles(self, sandbox: Sandbox) -> None:
        said = check(sandbox, INCREMENT, tests=["f 2 = 3", "f 2 = 4"])
        assert said.outcome is Outcome.REFUSED
        assert said.reason == "test_failed"
        assert said.tests == (TestOutcome.PASSED, TestOutcome.FAILED)
        assert said.compiles

    def test_a_test_of_an_unknown_name_is_undecided(self, sandbox: Sandbox) -> None:
        said = check(sandbox, INCREMENT, tests=["g 2 = 3"])
        assert said.outcome is Outcome.UNDECIDED
        assert said.tests == (TestOutcome.UNDECIDED,)

    def test_text_that_is_not_lean_is_refused(self, sandbox: Sandbox) -> None:
        said = check(sandbox, "Sure! Here is the definition:")
        assert said.outcome is Outcome.REFUSED
        assert said.reason == "parse_error"
        assert not said.compiles

    def test_sorry_is_refused(self, sandbox: Sandbox) -> None:
        assert check(sandbox, "theorem t : 1 + 1 = 3 := by sorry").reason == "sorry"

    def test_running_code_is_refused(self, sandbox: Sandbox) -> None:
        assert check(sandbox, "run_cmd pure ()").reason == "command_not_allowed"

    def test_a_command_that_only_prints_is_left_out_and_the_verdict_says_so(
        self, sandbox: Sandbox
    ) -> None:
        said = check(sandbox, f"{INCREMENT}\n#eval f 1", tests=["f 2 = 3"])
        assert said.accepted
        assert said.notes == (Note(NoteKind.SKIPPED, 2, "#eval"),)

    def test_another_name_or_type_than_the_target_is_refused(self, sandbox: Sandbox) -> None:
        other_name = check(sandbox, INCREMENT, target="def g (x : Int) : Int")
        other_type = check(sandbox, INCREMENT, target="def f (x : Nat) : Nat")
        assert other_name.reason == "target_missing"
        assert other_type.reason == "target_type"

    def test_a_nul_byte_and_half_a_character_are_refused_unsent(self, sandbox: Sandbox) -> None:
        assert check(sandbox, INCREMENT + "\0").reason == "bad_encoding"
        assert check(sandbox, INCREMENT + "\ud800").reason == "bad_encoding"

    def test_verdicts_keep_the_order_of_requests(self, sandbox: Sandbox) -> None:
        programs = [f"def f (x : Int) : Int := x + {n}" for n in range(20)]
        requests = [CheckRequest(p, tests=("f 0 = 7",)) for p in programs]
        said = sandbox.check_many(requests)
        assert [v.accepted for v in said] == [n == 7 for n in range(20)]

    def test_earlier_requests_leave_nothing_behind(self, sandbox: Sandbox) -> None:
        sandbox.check_many([CheckRequest("def leaked (x : Int) : Int := x")])
        said = check(sandbox, "def f (x : Int) : Int := x", tests=["leaked 1 = 1"])
        assert said.outcome is Outcome.UNDECIDED
