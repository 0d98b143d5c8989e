"""How often problems were opened for evaluation: a mark that stays.

Every student that is scored on the same problems, and every choice made by those scores, makes
the best of them look better than it is. The register lies beside the run folders and only grows;
going on with an evaluation, or asking for its table again, adds nothing.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock

from engines.json_text import read_json

REGISTER = "openings.jsonl"


@dataclass(frozen=True, slots=True)
class Opening:
    """One evaluation of one student on some problems."""

    problems: str
    """Hash of the problems."""
    evaluation: str
    """Hash of everything the evaluation depends on."""
    student: str
    adapter: str
    """Hash of the adapter's weights; empty for the bare student."""
    benchmark: str
    when: str = ""


def remember(opening: Opening, *, folder: Path) -> int:
    """Note an evaluation for ever after; how many different ones the problems have seen with it.

    A line that cannot be read counts as an opening: a damaged register must not look unopened.
    """
    folder.mkdir(parents=True, exist_ok=True)
    register = folder / REGISTER
    with FileLock(folder / f".{REGISTER}.lock"):
        seen, damaged = _read(register, opening.problems)
        if opening.evaluation not in seen:
            when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            line = json.dumps({**asdict(opening), "when": when}, ensure_ascii=False)
            before = register.read_bytes() if register.is_file() else b""
            # torn lines count and so are ended, not cut off as engines/append_only.py does
            torn = bool(before) and not before.endswith(b"\n")
            with register.open("a", encoding="utf-8") as file:
                file.write("\n" * torn + line + "\n")
                file.flush()
                os.fsync(file.fileno())
            seen.add(opening.evaluation)
    return len(seen) + damaged


def times_opened(problems: str, *, folder: Path) -> int:
    """How many different evaluations the problems have seen."""
    seen, damaged = _read(folder / REGISTER, problems)
    return len(seen) + damaged


def _read(register: Path, problems: str) -> tuple[set[str], int]:
    if not register.is_file():
        return set(), 0
    seen: set[str] = set()
    damaged = 0
    for line in register.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            row = read_json(line)
            if row["problems"] == problems:
                seen.add(str(row["evaluation"]))
        except (ValueError, KeyError, TypeError):
            damaged += 1
    return seen, damaged
