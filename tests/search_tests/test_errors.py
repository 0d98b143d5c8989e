from __future__ import annotations

import pickle

import pytest

from engines.errors import PromptRefused
from search import errors
from search.errors import SearchError, TooFewExamples, TrialError

ERRORS = [
    error
    for error in vars(errors).values()
    if isinstance(error, type) and issubclass(error, SearchError)
]


@pytest.mark.parametrize("kind", ERRORS)
def test_every_error_survives_pickling(kind: type[SearchError]) -> None:
    arguments = {
        TrialError: ("train", "x"),
        TooFewExamples: ("x", 3, {"empty": 3}),
        PromptRefused: ("rejected", "x"),
    }
    error = kind(*arguments.get(kind, ("x",)))

    again = pickle.loads(pickle.dumps(error))

    assert type(again) is kind
    assert str(again) == str(error)
    assert vars(again) == vars(error)


@pytest.mark.parametrize("kind", ERRORS)
def test_every_error_stands_in_the_tree(kind: type[SearchError]) -> None:
    assert kind.__name__ in (errors.__doc__ or "")
