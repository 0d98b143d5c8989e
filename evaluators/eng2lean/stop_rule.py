"""When a student may stop writing: its definition has ended, whatever would follow.

Students that were never trained on the task write on until their length limit; what stands behind
the definition is cut off anyway. Stopping early must not change what is left after the cut.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from evaluators.eng2lean.evaluate import MAX_ANSWER_CHARACTERS, extract_body
from evaluators.problem import Problem

_SETTLED_CHARACTERS = 24
"""So much behind the definition's end settles that it is one: `termination_by`, the longest word
with which a line in the first column goes on with a definition, is shorter."""


def stop_rule(problems: Sequence[Problem]) -> Callable[[str], bool] | None:
    """When answers to these problems have ended; None where a statement is among them."""
    return definition_ended if all(one.kind == "definition" for one in problems) else None


def definition_ended(answer: str) -> bool:
    """Whether `extract_body` will find the same body however the answer goes on.

    An open string could swallow what looks like an end, so an odd quotation mark waits.
    """
    if len(answer) >= MAX_ANSWER_CHARACTERS:
        return True
    body = extract_body(answer)
    behind = answer.replace("\r\n", "\n")[len(body) :]
    return len(behind.strip()) >= _SETTLED_CHARACTERS and body.count('"') % 2 == 0
