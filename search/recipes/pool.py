"""Arms that come while a study runs: additions to the instruction, and demo sets.

The choices of a categorical parameter are fixed when a study begins, but numbers can be handed out
for ever. So a pool gives every arm a number, the study's parameter is a whole number below `SIZE`
from its first trial to its last, and what stands behind a number is remembered beside the study.
An arm is written down before any trial can draw its number, and is never changed: what a trial of
a killed driver tried can be said afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import TypeAdapter

from engines.errors import first_line
from engines.json_text import read_json
from evaluators.task import Demo
from evaluators.words import counted
from search.errors import StudyError

SIZE = 4096
"""Numbers of one pool; fixed, because a parameter's range is part of the study."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An arm that somebody proposes: a text to add, or demos to show."""

    text: str = ""
    demos: tuple[Demo, ...] | None = None
    """None where the draft is a text."""
    origin: str = ""
    """Who proposes it."""
    parents: tuple[str, ...] = ()
    """What it was made from, such as `addition 2` or `trial 5`."""


@dataclass(frozen=True, slots=True)
class PoolArm:
    """One arm of a pool, for good."""

    number: int
    value: str
    """What trials show for it: an addition's text, a demo set's name."""
    demos: tuple[Demo, ...] | None = None
    """What a proposed demo set shows; None for a text, and for a set of the study file."""
    origin: str = "study file"
    parents: tuple[str, ...] = ()
    after: int = 0
    """How many trials had ended when it was let in."""


_ARM = TypeAdapter(PoolArm)


class Notes(Protocol):
    """Where a study remembers facts about itself."""

    def note(self, name: str, value: object) -> None:
        """Remember a fact."""
        ...

    def noted_under(self, prefix: str) -> dict[str, object]:
        """Every fact whose name begins so."""
        ...


class PoolFull(ValueError):
    """All numbers of a pool are handed out."""


class ArmPool:
    """The arms of one parameter, by number.

    Args:
        parameter: the parameter's name.
        seeds: the values the study file gives; numbered from 0, not written down.
        notes: where the other arms are remembered.

    Raises:
        StudyError: another version wrote them.
    """

    def __init__(self, parameter: str, *, seeds: Sequence[str], notes: Notes) -> None:
        self.parameter = parameter
        self._notes = notes
        self._arms = [PoolArm(number, value) for number, value in enumerate(seeds)]
        self._arms += arms_noted(notes.noted_under(_name(parameter, "")), parameter)
        self._seeds = len(seeds)
        self._tried: set[int] = set()
        retired = notes.noted_under(_retired(parameter)).values()
        self._retired: dict[int, str] = {
            int(number): str(reason)
            for one in retired
            for number, reason in read_json(str(one)).items()
        }

    @property
    def arms(self) -> tuple[PoolArm, ...]:
        """Every arm, by number."""
        return tuple(self._arms)

    @property
    def live(self) -> tuple[int, ...]:
        """The numbers that may be drawn."""
        return tuple(one.number for one in self._arms if one.number not in self._retired)

    @property
    def let_in(self) -> int:
        """How many arms came while the study ran."""
        return len(self._arms) - self._seeds

    @property
    def fresh(self) -> int | None:
        """The oldest arm that was let in and that no trial has tried; None where there is none."""
        came = (number for number in self.live if number >= self._seeds)
        return next((number for number in came if number not in self._tried), None)

    def was_tried(self, number: int) -> None:
        """Know that a trial tried an arm."""
        self._tried.add(number)

    @property
    def retired(self) -> Mapping[int, str]:
        """Arms that are drawn no more, and why."""
        return dict(self._retired)

    def arm(self, number: int) -> PoolArm:
        """The arm of a number that was handed out."""
        return self._arms[number]

    def number_of(self, value: str) -> int:
        """The number of a value.

        Raises:
            KeyError: no arm has it.
        """
        for one in self._arms:
            if one.value == value:
                return one.number
        raise KeyError(f"no arm of `{self.parameter}` is {value!r}")

    def add(self, draft: Draft, *, after: int) -> PoolArm:
        """Let an arm in; from now on it can be drawn.

        Raises:
            PoolFull: there is no number left.
        """
        number = len(self._arms)
        if number >= SIZE:
            raise PoolFull(
                f"`{self.parameter}` has {counted(SIZE, 'arm')}, which is all a study can hold"
            )
        arm = PoolArm(
            number=number,
            value=draft.text if draft.demos is None else f"{draft.origin} {number}",
            demos=draft.demos,
            origin=draft.origin,
            parents=draft.parents,
            after=after,
        )
        self._notes.note(_name(self.parameter, number), _ARM.dump_json(arm).decode())
        self._arms.append(arm)
        return arm

    def retire(self, number: int, reason: str) -> None:
        """Have an arm drawn no more; what its trials found stays known.

        Arm 0 stays: a search must always have something to try.
        """
        if number == 0:
            return
        self._retired[number] = reason
        self._notes.note(_retired(self.parameter), json.dumps(self._retired))


def arms_noted(facts: Mapping[str, object], parameter: str) -> list[PoolArm]:
    """The arms that came while a study ran, by number, from the study's facts.

    Raises:
        StudyError: another version wrote them.
    """
    prefix = _name(parameter, "")
    noted = [_arm(name, fact) for name, fact in facts.items() if name.startswith(prefix)]
    return sorted(noted, key=lambda arm: arm.number)


def _arm(name: str, fact: object) -> PoolArm:
    try:
        return _ARM.validate_json(str(fact))
    except ValueError as error:
        raise StudyError(
            f"the study's `{name}` cannot be read; another version wrote it, or it is damaged "
            f"({first_line(str(error))}); use that version, or start anew with another --run-dir"
        ) from error


def all_arms(facts: Mapping[str, object]) -> dict[str, tuple[PoolArm, ...]]:
    """The arms that came while a study ran, by parameter, from the study's facts.

    Raises:
        StudyError: another version wrote them.
    """
    names = [name.split(".") for name in facts if name.startswith("arm.")]
    parameters = dict.fromkeys(parts[1] for parts in names if len(parts) == 3)
    return {name: tuple(arms_noted(facts, name)) for name in parameters}


def _name(parameter: str, number: int | str) -> str:
    return f"arm.{parameter}.{number}"


def _retired(parameter: str) -> str:
    return f"retired.{parameter}"
