from __future__ import annotations

import pytest

from evaluators.eng2lean.contexts import Call, PythonContext, with_observed_calls
from search.materials.contexts import contexts_hash
from search.settings.study import ContextSettings


def context(python: str, *calls: Call) -> PythonContext:
    return PythonContext.of("c", "f", python, "Doc.", calls)


def test_a_context_gets_calls_that_python_answered():
    plain = context("def f(a: int): return (a, a // -2)", Call((3,), [3, -2]))
    observed = with_observed_calls(plain, inputs=6, seed=1)
    assert observed.calls[0] == plain.calls[0]
    assert len(observed.calls) == 7
    for call in observed.calls[1:]:
        assert call.value == [call.arguments[0], call.arguments[0] // -2]
    again = with_observed_calls(plain, inputs=6, seed=1)
    assert contexts_hash([again]) == contexts_hash([observed])
    other = with_observed_calls(plain, inputs=6, seed=2)
    assert contexts_hash([other]) != contexts_hash([observed])


@pytest.mark.parametrize(
    "python",
    [
        "def f(a): return a",
        "def f(a: int): raise ValueError",
        "import random\ndef f(a: int): return random.random()",
        "import numpy\ndef f(a: int): return a",
    ],
)
def test_a_function_that_says_nothing_stays_as_it_was(python):
    plain = context(python)
    assert with_observed_calls(plain, inputs=3, seed=0) == plain


def test_no_inputs_are_drawn_unless_asked_for_and_earlier_studies_go_on():
    assert ContextSettings().drawn_inputs == 0
    assert "drawn_inputs" not in ContextSettings().model_dump()
