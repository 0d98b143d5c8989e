"""Verina's problems as `verina.py` asks about them: the reference, its tests, its Python.

What people get wrong: the inputs of a row are Lean literals, but strings and characters stand
there without their quotes.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluators.behaviour.python_calls import ObservedCall
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import Verdict

PROBLEMS, PAIRS = "eng2lean_verina_basic.jsonl", "python2lean_pairs.jsonl"


@dataclass
class Item:
    """One Verina problem on the way through the benchmark."""

    row: dict[str, object]
    python: str
    hidden: tuple[str, ...] = ()
    verdict: Verdict | None = None

    @property
    def name(self) -> str:
        """The name of the definition asked for."""
        return str(self.row["name"])

    @property
    def signature(self) -> str:
        """The header asked for."""
        return str(self.row["signature"])

    @property
    def reference(self) -> str:
        """The reference, repaired for this Lean where the data says how."""
        check = self.row["core_check_code"]
        assert isinstance(check, dict)
        return str(check.get("patched_code") or self.row["lean"])

    @property
    def imports(self) -> list[str]:
        """Import lines that the reference needs, whether it has them or not."""
        wanted = self.row["lean_imports"]
        assert isinstance(wanted, list)
        lines = [line for line in wanted if "Mathlib" not in line]
        return list(dict.fromkeys([*re.findall(r"^import .*", self.reference, re.M), *lines]))

    @property
    def target(self) -> str:
        """The header, with the types of the reference's own that it needs."""
        before = self.reference.partition(self.signature)[0]
        own_types = re.search(r"^(structure|inductive|abbrev)\b", before, re.MULTILINE)
        return f"{before}{self.signature}" if own_types else self.signature

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of propositions of the row."""
        values = self.row[key]
        assert isinstance(values, list)
        return tuple(values)

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """Names and types of the parameters."""
        params = self.row["params"]
        assert isinstance(params, list)
        return [(param["param_name"], param["param_type"]) for param in params]

    @property
    def known(self) -> list[ObservedCall]:
        """The row's own inputs where Python can read them; what is drawn keeps to their likes."""
        tests = self.row["tests"]
        assert isinstance(tests, list)
        calls = []
        for test in tests:
            try:
                values = [_value(test["input"][name], kind) for name, kind in self.parameters]
            except (ValueError, SyntaxError):
                continue
            calls.append(ObservedCall(tuple(values), None))
        return calls

    def request(self, tests: Sequence[str], lean: str | None = None) -> CheckRequest:
        """The reference, or a mutant of it, with these tests."""
        text = self.reference if lean is None else lean
        missing = [line for line in self.imports if line not in text]
        program = "\n".join([*missing, text])
        return CheckRequest(program, target=self.target, tests=tuple(tests))


def load(data: Path) -> list[Item]:
    """The problems with their Python, None of them where the data is not here."""
    pairs = _rows(data / PAIRS)
    python = {str(row["id"]).removeprefix("pair_"): str(row["python"]) for row in pairs}
    return [Item(row, python.get(str(row["id"]), "")) for row in _rows(data / PROBLEMS)]


def _rows(path: Path) -> list[dict[str, object]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _value(text: str, kind: str) -> object:
    """A Lean literal of the row as Python's value."""
    if kind in {"String", "Char"}:
        return text  # written without quotes
    words = {"true": "True", "false": "False"}
    value: object = ast.literal_eval(words.get(text, text.replace("#[", "[")))
    return value
