"""Real programs full of non-ASCII text, or made ones where the shared data is not there."""

from __future__ import annotations

import json
from pathlib import Path

DATA = Path(__file__).parents[2].parent / "shared" / "data"


def programs(count: int, *, longest: int = 3000) -> list[str]:
    """`count` programs, each with non-ASCII characters at other places in the line."""
    found = _real(longest) or [_made(n) for n in range(count)]
    return [
        f"-- {'α' * (n % 7)}{n} ∀∃ {'𝔸' * (n % 3)}\n{found[n % len(found)]}" for n in range(count)
    ]


def _real(longest: int) -> list[str]:
    texts: list[str] = []
    for name in ("python2lean_pairs", "eng2lean_verina_basic"):
        path = DATA / f"{name}.jsonl"
        if path.exists():
            rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
            texts += [row["lean"] for row in rows if isinstance(row.get("lean"), str)]
    return [text for text in texts if len(text) <= longest]


def _made(n: int) -> str:
    return (
        f"/-- Größe × {n} ≤ ∞ -/\n"
        f"def f (α : Int) : Int := if α ≥ {n} ∧ α ≠ 0 then α * {n} else -α\n"
        f"theorem t : ∀ x : Nat, x ≤ x + {n} := fun x ↦ Nat.le_add_right x {n}"
    )
