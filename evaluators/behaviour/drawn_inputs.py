"""Inputs drawn for a function, the same for the same seed on every machine.

The strategies are Hypothesis's; the numbers behind them come from a provider of our own, because
Hypothesis's mixes in constants it finds in whatever modules happen to be loaded. What people get
wrong: values that are all large and all different meet no branch of a small function. Numbers here
are small more often than not, elements repeat, lengths are short, and half of the inputs are known
calls with one thing changed, which keep what the arguments have to do with each other.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, PrimitiveProvider

from evaluators.behaviour.input_shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 1
"""Raised when the same seed would draw other inputs."""

ALPHABET = (
    "abcABC xyzXYZ0123456789.,;:!?-_+*/=()[]{}<>'\"\\@#%&|~^\t\n"
    "→🙂"  # code points beyond ASCII that both languages treat alike
)
"""Characters of drawn strings. Letters beyond ASCII are left out: Lean's `Char.toUpper`, `isAlpha`
and their like know ASCII alone, Python's do not, and a translation is not at fault for that."""

_LARGE = [2**31 - 1, 2**31, -(2**31) - 1, 2**32, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 2**64]
_BACKEND = "outerloop-seeded"
_seed: ContextVar[int] = ContextVar("seed")


class SeededProvider(PrimitiveProvider):
    """Draws Hypothesis's primitive choices from one seeded generator and nothing else."""

    lifetime = "test_function"

    def __init__(self, conjecturedata: Any, /) -> None:
        super().__init__(conjecturedata)
        self._random = random.Random(_seed.get())

    def draw_boolean(self, p: float = 0.5) -> bool:
        """True with probability `p`."""
        return self._random.random() < p

    def draw_integer(
        self,
        min_value: int | None = None,
        max_value: int | None = None,
        *,
        weights: Mapping[int, float] | None = None,
        shrink_towards: int = 0,
    ) -> int:
        """An integer between the two, which all strategies here give."""
        low = -100 if min_value is None else min_value
        high = 100 if max_value is None else max_value
        if weights:
            values = list(weights)
            return self._random.choices(values, [weights[value] for value in values])[0]
        return self._random.randint(low, max(low, high))

    def draw_float(self, **_: Any) -> float:
        """Not drawn: Lean's kernel knows nothing of floats."""
        raise NotImplementedError

    def draw_string(self, intervals: Any, **_: Any) -> str:
        """Not drawn: strings are lists of sampled characters."""
        raise NotImplementedError

    def draw_bytes(self, *_: Any, **__: Any) -> bytes:
        """Not drawn: no shape is bytes."""
        raise NotImplementedError


AVAILABLE_PROVIDERS[_BACKEND] = SeededProvider


def draw_inputs(
    shapes: Sequence[Shape],
    *,
    count: int,
    seed: int,
    known: Sequence[Sequence[object]] = (),
    large_numbers: bool = False,
) -> list[tuple[object, ...]]:
    """Up to `count` different inputs; fewer where the shapes do not have as many.

    Args:
        shapes: one for each parameter.
        count: how many inputs.
        seed: the same seed draws the same inputs.
        known: arguments of known calls; half of the inputs are made from them.
        large_numbers: whether a tenth of the numbers lie beyond 32 or 64 bits.
    """
    strategies = [_strategy(shape, large=large_numbers) for shape in shapes]
    if not shapes or any(strategy is None for strategy in strategies):
        return []
    columns = [strategy for strategy in strategies if strategy is not None]
    fresh = st.tuples(*columns)
    drawn = fresh
    fitting = [tuple(arguments) for arguments in known if len(arguments) == len(shapes)]
    if fitting:
        changed = st.tuples(st.sampled_from(fitting), st.integers(0, len(shapes) - 1)).flatmap(
            lambda chosen: _changed(*chosen, columns)
        )
        drawn = st.one_of(fresh, changed)
    return _examples(drawn, count=count, seed=seed, besides=fitting)


def _examples(
    strategy: st.SearchStrategy[Any], *, count: int, seed: int, besides: Sequence[object]
) -> list[tuple[object, ...]]:
    found: dict[str, tuple[object, ...]] = {}
    seen = {repr(arguments) for arguments in besides}

    @settings(
        backend=_BACKEND,
        max_examples=4 * count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(arguments: tuple[object, ...]) -> None:
        text = repr(arguments)
        if text not in seen and len(found) < count:
            found.setdefault(text, arguments)

    token = _seed.set(seed)
    try:
        collect()
    finally:
        _seed.reset(token)
    return list(found.values())


def _changed(
    arguments: tuple[Any, ...], place: int, columns: Sequence[st.SearchStrategy[Any]]
) -> st.SearchStrategy[tuple[object, ...]]:
    """The known arguments with one of them drawn anew, or altered a little."""
    old = arguments[place]
    options = [columns[place]]
    if type(old) is int:
        options.append(st.sampled_from([old - 1, old + 1] if old > 0 else [old + 1]))
    if isinstance(old, str | list) and len(old) > 1:
        options.append(st.integers(0, len(old) - 1).map(lambda at: _without(old, at)))
        options.append(st.integers(0, len(old) - 1).map(lambda at: _doubled(old, at)))
        options.append(st.just(old[::-1]))
    return st.one_of(options).map(lambda new: (*arguments[:place], new, *arguments[place + 1 :]))


def _without(old: Any, at: int) -> Any:
    return old[:at] + old[at + 1 :]


def _doubled(old: Any, at: int) -> Any:
    return old[: at + 1] + old[at:]


def _strategy(shape: Shape, *, large: bool) -> st.SearchStrategy[Any] | None:
    parts = [_strategy(part, large=large) for part in shape.parts]
    inside = [part for part in parts if part is not None]
    if len(inside) < len(parts):
        return None
    if shape.kind == "list":
        return st.lists(inside[0], max_size=6)
    if shape.kind == "option":
        return st.one_of(st.none(), inside[0])
    if shape.kind == "tuple":
        return st.tuples(*inside)
    return _atom(shape.kind, large=large)


def _atom(kind: str, *, large: bool) -> st.SearchStrategy[Any] | None:
    character = st.sampled_from(ALPHABET)
    few = st.sampled_from("abA1 ")  # so that characters repeat
    atoms: dict[str, st.SearchStrategy[Any]] = {
        "int": _numbers(negative=True, large=large),
        "nat": _numbers(negative=False, large=large),
        "bool": st.booleans(),
        "char": st.one_of(character, few),
        "str": st.lists(st.one_of(character, few), max_size=8).map("".join),
        "none": st.none(),
    }
    return atoms.get(kind)


def _numbers(*, negative: bool, large: bool) -> st.SearchStrategy[int]:
    sign = -1 if negative else 0
    ranges = [st.integers(sign * 3, 3), st.integers(sign * 12, 12), st.integers(sign * 60, 60)]
    if large:
        ranges.append(st.sampled_from([one for one in _LARGE if negative or one >= 0]))
    return st.one_of(ranges)
