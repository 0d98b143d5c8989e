"""Lets new arms in while a study runs: asks proposers, looks at drafts, writes arms down.

Proposers may call a language model, so they run in a thread of their own. The search never waits
for a slow one: it goes on with the arms there are, and a draft is let in when it comes. What is
let in is written into the study by the thread that drives it, before a trial can draw it.

A proposer that has nothing new is retired after `FRUITLESS` refused drafts in a row, with one
line, for good, and one that fails as often rests until the next run; when all are retired the
search goes on with the arms there are.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from engines import environment
from engines.errors import BudgetSpent, first_line
from evaluators.words import counted
from search.errors import KNOWN
from search.proposals.proposer import Proposer, StudyView
from search.recipes.gate import Gate, Refusal, cleaned
from search.recipes.pool import SIZE, Draft, PoolArm
from search.settings.proposals import ProposalSettings
from search.study.records import State, TrialRecord
from search.study.study import SearchStudy

FRUITLESS = 3
"""Refused drafts in a row after which a proposer is retired."""
_FAILURES = 2
"""Trials of an arm that failed, none with a score, after which it is drawn no more."""
_SETTLING_SECONDS = 3.0
"""How long a trial is held back for drafts; those that come later are tried later."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking one proposer."""

    proposer: Proposer
    draft: Draft | None
    """None where it had nothing to propose, or could not."""
    refusal: Refusal | None = None
    error: str = ""
    spent: bool = False
    """Whether the budget did not allow it."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How many arms a pool should have had by now."""

    settings: ProposalSettings

    def due(self, *, let_in: int, ended: int) -> int:
        """Arms still to be let in when so many trials have ended."""
        wanted = self.settings.at_start + int(ended / self.settings.trials_per_arm)
        return max(0, min(wanted, self.settings.most_arms) - let_in)


class PoolGrower:
    """The driver's side of all proposers.

    Args:
        proposers: who may be asked, in order.
        gate: who decides what may be tried.
        study: whose pools grow, and where it is remembered which proposers are retired.
        settings: how fast the pools grow.
        look: what proposers are shown, made from the trials so far.
        tell: told of every line a person should see.
        seed: of everything drawn.
    """

    def __init__(
        self,
        proposers: Sequence[Proposer],
        *,
        gate: Gate,
        study: SearchStudy,
        settings: ProposalSettings,
        look: Callable[[Sequence[TrialRecord]], StudyView],
        tell: Callable[[str], None],
        seed: int = 0,
    ) -> None:
        self._proposers = proposers
        self._gate = gate
        self._pools = study.pools
        self._study = study
        self._pace = Pace(settings)
        self._look = look
        self._tell = tell
        self._seed = seed
        self._fruitless = _remembered(study)
        self._round: _Round | None = None
        self._asked_at = -1
        self._paused: set[str] = set()
        self._errors: Counter[str] = Counter()

    def settle(self, records: Sequence[TrialRecord]) -> bool:
        """Let in what has come and ask for what is due; whether the next trial should wait for it.

        Never blocks.
        """
        self._collect(records)
        self._retire_failing(records)
        ended = sum(one.state is not State.RUNNING for one in records)
        if self._round is None and ended != self._asked_at:
            wanted = {
                name: min(self._pace.due(let_in=pool.let_in, ended=ended), SIZE - len(pool.arms))
                for name, pool in self._pools.items()
            }
            if any(wanted.values()):
                self._asked_at = ended
                self._round = _Round(self._ask, self._look(records), wanted)
        return self._round is not None and self._round.age < _SETTLING_SECONDS

    def active(self, parameter: str) -> list[Proposer]:
        """Who is still asked for a pool, those with the fewest arms first."""
        counts = Counter(arm.origin for arm in self._pools[parameter].arms)
        asked = [
            one
            for one in self._proposers
            if one.parameter == parameter
            and self._fruitless.get(one.name, 0) < FRUITLESS
            and one.source not in self._paused
        ]
        return sorted(asked, key=lambda one: counts[one.source])

    def _ask(self, view: StudyView, wanted: Mapping[str, int]) -> list[Asked]:
        """Ask for drafts until every pool has what is due. In the thread."""
        answers: list[Asked] = []
        for parameter, many in wanted.items():
            arms = list(view.arms[parameter])
            queue = self.active(parameter)
            while many > 0 and queue:
                proposer = queue.pop(0)
                answer = self._ask_one(proposer, view, arms, len(answers))
                answers.append(answer)
                if answer.draft is None or answer.refusal is not None:
                    continue  # the next one's turn
                many -= 1
                arms.append(_as_if(answer.draft, len(arms)))
                view = view.with_arms(parameter, arms)
                queue.append(proposer)
        return answers

    def _ask_one(
        self, proposer: Proposer, view: StudyView, arms: Sequence[PoolArm], turn: int
    ) -> Asked:
        seed = _seed_of(self._seed, proposer.source, len(arms), len(view.records), turn)
        try:
            draft = proposer.propose(view, seed=seed)
            if draft is None:
                return Asked(proposer, None)
            if draft.demos is None:
                draft = dataclasses.replace(draft, text=cleaned(draft.text))
            return Asked(proposer, draft, self._gate.refuse(draft, arms))
        except BudgetSpent as error:
            return Asked(proposer, None, error=str(error), spent=True)
        except KNOWN as error:
            return Asked(proposer, None, error=_told(error))
        except Exception as error:  # noqa: BLE001 - a proposer's bug must not end a search
            return Asked(proposer, None, error=f"{type(error).__name__}: {_told(error)}")

    def _collect(self, records: Sequence[TrialRecord]) -> None:
        answers = self._round.answers() if self._round is not None else None
        if answers is None:
            return
        self._round = None
        ended = sum(one.state is not State.RUNNING for one in records)
        for answer in answers:
            self._take(answer, ended)

    def _take(self, answer: Asked, ended: int) -> None:
        source = answer.proposer.source
        if answer.error:
            self._could_not(source, answer)
            return
        self._errors[source] = 0
        if answer.refusal is not None:
            self._missed(answer.proposer, answer.refusal)
        elif answer.draft is not None:
            arm = self._pools[answer.proposer.parameter].add(answer.draft, after=ended)
            self._remember(answer.proposer.name, 0)
            self._tell(f"let in      {answer.proposer.parameter} {arm.number}, {describe(arm)}")

    def _could_not(self, source: str, answer: Asked) -> None:
        self._errors[source] += 1
        if answer.spent or self._errors[source] >= FRUITLESS:
            self._paused.add(source)
            self._tell(f"proposer    `{source}` rests until the next run: {answer.error}")
        elif self._errors[source] == 1:
            self._tell(f"proposer    `{source}` is asked again later: {answer.error}")

    def _missed(self, proposer: Proposer, refusal: Refusal) -> None:
        name = proposer.name
        self._remember(name, self._fruitless.get(name, 0) + 1)
        if self._fruitless[name] < FRUITLESS:
            return
        self._tell(
            f"proposer    `{proposer.source}` is retired after {FRUITLESS} drafts in a row that "
            f"cannot be tried, the last for: {refusal}; the search goes on without it"
        )

    def _remember(self, name: str, fruitless: int) -> None:
        if self._fruitless.get(name, 0) != fruitless:
            self._fruitless[name] = fruitless
            self._study.note("proposers", json.dumps(self._fruitless))

    def _retire_failing(self, records: Sequence[TrialRecord]) -> None:
        """A failure is no score, so the sampler cannot learn from it: say it in another way."""
        for parameter, pool in self._pools.items():
            failed: Counter[str] = Counter()
            lived = set()
            for record in records:
                value = str(record.parameters.get(parameter, ""))
                if record.state is State.FAILED:
                    failed[value] += 1
                elif record.state is not State.RUNNING:
                    lived.add(value)
            for number in pool.live:
                value = pool.arm(number).value
                if number < len(pool.arms) - pool.let_in:
                    continue  # what the study file lists is its writer's business
                if failed[value] >= _FAILURES and value not in lived:
                    pool.retire(
                        number, f"{counted(failed[value], 'trial')} failed, none had a score"
                    )
                    self._tell(
                        f"retired     {parameter} {number}: {counted(failed[value], 'trial')} "
                        "failed"
                    )


class _Round:
    """One turn of asking, in a thread that dies with the process."""

    def __init__(
        self,
        ask: Callable[[StudyView, Mapping[str, int]], list[Asked]],
        view: StudyView,
        wanted: Mapping[str, int],
    ) -> None:
        self._answers: list[Asked] | None = None
        self._began = time.monotonic()

        def run() -> None:
            self._answers = ask(view, wanted)

        threading.Thread(target=run, name="proposers", daemon=True).start()

    @property
    def age(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._began

    def answers(self) -> list[Asked] | None:
        """What came of it; None while it lasts."""
        return self._answers


def describe(arm: PoolArm) -> str:
    """An arm in a line: what it says and where it comes from."""
    made = f" from {' and '.join(arm.parents)}" if arm.parents else ""
    if arm.demos is not None:
        return f"{counted(len(arm.demos), 'demo')} ({arm.origin}{made})"
    text = " ".join(arm.value.split())
    return f'"{text if len(text) <= 90 else text[:89] + "…"}" ({arm.origin}{made})'


def _as_if(draft: Draft, number: int) -> PoolArm:
    """A draft of this very round, so that the next proposer does not repeat it."""
    value = draft.text if draft.demos is None else f"{draft.origin} {number}"
    return PoolArm(number, value, draft.demos, draft.origin, draft.parents)


def _remembered(study: SearchStudy) -> dict[str, int]:
    found = study.noted_under("proposers").get("proposers", "{}")
    return {str(name): int(count) for name, count in json.loads(str(found)).items()}


def _told(error: Exception) -> str:
    return environment.struck(first_line(str(error)))


def _seed_of(*parts: object) -> int:
    text = "/".join(str(part) for part in parts).encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:4], "big") >> 1
