import pytest

from evaluators.problem import Problem
from lean_sandbox.sandbox import CheckRequest
from search.materials.contexts import load_contexts
from search.materials.problems import load_demos, load_problems
from tests.search_tests.eng2lean import TASK

SEARCH = load_problems("embedded:search_problems", TASK)
SEALED = load_problems("embedded:sealed_problems", TASK)


def _gold(problem: Problem) -> CheckRequest:
    return CheckRequest(problem.reference, target=problem.signature, tests=problem.tests)


def test_there_are_as_many_problems_as_promised_and_none_twice():
    assert len(SEARCH) == 300
    assert len(SEALED) == 1000
    texts = [(problem.docstring, problem.signature) for problem in (*SEARCH, *SEALED)]
    assert len(set(texts)) == 1300


def test_no_context_and_no_demo_is_described_like_a_problem():
    said = {problem.docstring for problem in (*SEARCH, *SEALED)}
    assert not said & {context.docstring for context in load_contexts("embedded:contexts", TASK)}
    assert not said & {
        demo.outputs[0] for demo in load_demos("embedded:demos", TASK.form).values()
    }


def test_every_context_comes_with_known_calls():
    assert all(len(context.calls) == 6 for context in load_contexts("embedded:contexts", TASK))


@pytest.mark.lean
def test_gold_answers_to_a_sample_of_the_problems_pass(pool):
    verdicts = pool.check_many([_gold(problem) for problem in (*SEARCH[::6], *SEALED[::20])])
    assert [verdict.detail for verdict in verdicts if not verdict.accepted] == []


@pytest.mark.lean
@pytest.mark.slow
def test_gold_answers_to_all_problems_pass(pool):
    verdicts = pool.check_many([_gold(problem) for problem in (*SEARCH, *SEALED)])
    assert [verdict.detail for verdict in verdicts if not verdict.accepted] == []
