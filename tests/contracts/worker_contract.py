"""What every `Worker` does; subclass it and provide the fixtures `worker` and `fresh`."""

from __future__ import annotations

import pytest

from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import Outcome, TestOutcome
from lean_sandbox.worker import Worker, WorkerLost

INCREMENT = "def f (x : Int) : Int := x + 1"


class WorkerContract:
    """`worker` may be shared between tests; `fresh` is one that a test may end."""

    def test_it_says_which_lean_it_is(self, worker: Worker) -> None:
        assert worker.lean_version
        verdict = worker.check(CheckRequest(INCREMENT), timeout_seconds=60).verdict
        assert verdict.lean_version

    def test_a_right_definition_is_accepted_and_the_worker_goes_on(self, worker: Worker) -> None:
        request = CheckRequest(INCREMENT, target="def f (x : Int) : Int", tests=("f 2 = 3",))
        answer = worker.check(request, timeout_seconds=60)
        assert answer.verdict.accepted, answer.verdict
        assert answer.verdict.tests == (TestOutcome.PASSED,)
        assert answer.usable

    def test_a_refusal_carries_its_reason(self, worker: Worker) -> None:
        for program, reason in (
            ("run_cmd pure ()", "command_not_allowed"),
            ("theorem t : 1 + 1 = 3 := by sorry", "sorry"),
            ("Sure! Here it is:", "parse_error"),
            ("import Lean\n" + INCREMENT, "import_not_allowed"),
        ):
            answer = worker.check(CheckRequest(program), timeout_seconds=60)
            assert answer.verdict.outcome is Outcome.REFUSED
            assert answer.verdict.reason == reason, answer.verdict
            assert answer.usable

    def test_earlier_programs_leave_nothing_behind(self, worker: Worker) -> None:
        worker.check(CheckRequest("def leaked (x : Int) : Int := x"), timeout_seconds=60)
        request = CheckRequest(INCREMENT, tests=("leaked 1 = 1",))
        verdict = worker.check(request, timeout_seconds=60).verdict
        assert verdict.tests == (TestOutcome.UNDECIDED,)

    def test_the_same_program_gets_the_same_verdict(self, worker: Worker) -> None:
        request = CheckRequest(INCREMENT, tests=("f 2 = 3", "f 2 = 4"))
        said = {
            (v.outcome, v.reason, v.detail, v.tests)
            for v in (worker.check(request, timeout_seconds=60).verdict for _ in range(5))
        }
        assert len(said) == 1

    def test_an_interrupted_worker_is_lost_and_gives_no_verdict(self, fresh: Worker) -> None:
        fresh.interrupt()
        with pytest.raises(WorkerLost) as caught:
            fresh.check(CheckRequest(INCREMENT), timeout_seconds=60)
        assert caught.value.from_outside
        fresh.interrupt()
        fresh.close()

    def test_closing_twice_is_closing_once(self, fresh: Worker) -> None:
        fresh.close()
        fresh.close()
