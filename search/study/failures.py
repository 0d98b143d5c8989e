"""What trials failed of, each reason once.

What people get wrong: counting texts. "3 examples of 30 candidates" and "2 examples of 30" are one
reason to whoever has to mend it, so reasons that differ in nothing but numbers and in what stands
in brackets are counted together.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from engines.errors import first_line
from search.study.records import State, TrialRecord

_PARTICULARS = re.compile(r"\([^()]*\)|\d[\d.,]*")


def kind_of(reason: str) -> str:
    """A reason without its particulars: alike for failures that ask for the same mending."""
    return " ".join(_PARTICULARS.sub("…", reason).split())


def failure_counts(records: Sequence[TrialRecord]) -> list[tuple[str, int]]:
    """Why trials failed, the commonest first: the first trial's words, and how many trials."""
    words: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for one in records:
        if one.state is State.FAILED:
            reason = first_line(one.error)
            words.setdefault(kind_of(reason), reason)
            counts[kind_of(reason)] += 1
    return [(words[kind], count) for kind, count in counts.most_common()]
