"""Programs as Lean text: `===== name | reasons`, then the program, `T: ` target, `?: ` tests."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    name: str
    reasons: tuple[str, ...]
    program: str
    target: str | None
    tests: tuple[str, ...]


def read(name: str) -> tuple[Case, ...]:
    """The cases of one file, in order."""
    blocks = re.split(r"^===== ", (FOLDER / name).read_text("utf-8"), flags=re.MULTILINE)
    return tuple(_case(block) for block in blocks if block.strip())


def _case(block: str) -> Case:
    head, _, body = block.partition("\n")
    title, _, reasons = head.partition(" | ")
    lines = body.splitlines()
    target = "\n".join(line[3:] for line in lines if line.startswith("T: "))
    return Case(
        name=title.strip(),
        reasons=tuple(reasons.split()),
        program="\n".join(line for line in lines if not line.startswith(("T: ", "?: "))),
        target=target or None,
        tests=tuple(line[3:] for line in lines if line.startswith("?: ")),
    )
