"""The operations of the embedded grammar, read from `operations.yaml` beside this file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

Kind = Literal["int", "bool", "list", "str"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, with everything needed to write it down; see the head of the YAML file."""

    name: str
    result: Kind
    arguments: tuple[Kind, ...]
    python: str
    lean: str
    named: str
    english: tuple[str, ...]
    constants: tuple[int, int] | None
    """Smallest and largest constant, if the operation has one."""
    lean_nat: str
    named_nat: str


def _operation(name: str, row: dict[str, Any]) -> Operation:
    return Operation(
        name=name,
        result=row["result"],
        arguments=tuple(row["arguments"]),
        python=row["python"],
        lean=row["lean"],
        named=row["named"],
        english=tuple(row["english"]),
        constants=tuple(row["constants"]) if "constants" in row else None,
        lean_nat=row.get("lean_nat", row["lean"]),
        named_nat=row.get("named_nat", row["named"]),
    )


BY_NAME: dict[str, Operation] = {
    name: _operation(name, row)
    for name, row in yaml.safe_load(
        (Path(__file__).parent / "operations.yaml").read_text(encoding="utf-8")
    ).items()
}
"""Every operation by its name."""

OPERATIONS: tuple[Operation, ...] = tuple(BY_NAME.values())
