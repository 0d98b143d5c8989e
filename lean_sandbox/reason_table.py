"""The table of reason codes in `docs/lean_sandbox.md`, made from `policy.REASONS`.

python -m lean_sandbox.reason_table
"""

from __future__ import annotations

import sys

from lean_sandbox.policy import REASONS, Reason


def table() -> str:
    """The reason codes as a Markdown table."""
    rows = ["| code | outcome | meaning | an example |", "| --- | --- | --- | --- |"]
    rows += [
        f"| `{reason.code}` | {reason.outcome} | {reason.meaning} | {_example(reason)} |"
        for reason in REASONS.values()
    ]
    return "\n".join(rows)


def _example(reason: Reason) -> str:
    if reason.example.startswith("("):
        return reason.example.strip("()")
    parts = [_code(reason.example)]
    if reason.target is not None:
        parts.append(f"target {_code(reason.target)}")
    parts += [f"test {_code(test)}" for test in reason.tests]
    return "<br>".join(parts)


def _code(text: str) -> str:
    return "<br>".join(f"`{line.strip()}`" for line in text.splitlines())


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
