"""The Python face: what `outerloop` offers, and that it costs nothing to import."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import pytest

import outerloop
from search import cli

ROOT = Path(__file__).parents[2]
FACE = ROOT / "outerloop"
PAGE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
HEAVY = (
    "accelerate", "datasets", "dspy", "litellm", "mlflow", "numpy", "optuna", "pandas", "peft",
    "pyarrow", "ray", "scipy", "sklearn", "sqlalchemy", "torch", "transformers",
)  # fmt: skip
"""Libraries that take long to import."""


def brought_in_by(statement: str, names: tuple[str, ...]) -> list[str]:
    """Which of these modules a fresh Python has loaded after a statement."""
    script = f"{statement}\nimport sys\nprint(*sorted(set(sys.modules) & {set(names)!r}))"
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=True, text=True
    )
    return ended.stdout.splitlines()[-1].split()  # what the statement printed stands above


def described(name: str) -> str:
    """A name's docstring; a constant's is the string below it."""
    value = getattr(outerloop, name)
    if inspect.isclass(value) or inspect.isroutine(value):
        return inspect.getdoc(value) or ""
    module = import_module(outerloop._STANDS_IN[name])
    body = ast.parse(inspect.getsource(module)).body
    for statement, after in pairwise(body):
        if isinstance(statement, ast.AnnAssign) and ast.unparse(statement.target) == name:
            return str(ast.literal_eval(after.value)) if isinstance(after, ast.Expr) else ""
    return ""


@pytest.mark.parametrize("name", outerloop.__all__)
def test_every_public_name_exists_says_what_it_is_and_stands_on_the_page(name):
    assert described(name)
    assert re.search(rf"(?<![\w.]){name}\b|outerloop\.{name}\b", PAGE)


def test_nothing_else_is_public():
    assert dir(outerloop) == sorted(outerloop.__all__)
    assert all(path.name.startswith("_") for path in FACE.glob("*.py"))
    with pytest.raises(AttributeError, match="outerloop has no `search`; it has CheckRequest, "):
        outerloop.search  # noqa: B018 - the asking is what is tested


def test_python_and_a_type_checker_take_each_name_from_the_same_place():
    [guarded] = [
        statement
        for statement in ast.parse((FACE / "__init__.py").read_text(encoding="utf-8")).body
        if isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING"
    ]
    told = {
        alias.name: statement.module
        for statement in guarded.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }
    assert told == outerloop._STANDS_IN
    assert sorted(told) == outerloop.__all__


def test_every_function_is_documented_parameter_by_parameter_and_names_its_errors():
    for name in outerloop.__all__:
        value = getattr(outerloop, name)
        if not inspect.isfunction(value):
            continue
        text = described(name)
        for parameter in inspect.signature(value).parameters:
            assert f"    {parameter}: " in text, f"{name}({parameter})"
        assert "Raises:" in text, name


def test_importing_outerloop_brings_in_nothing_heavy_and_nothing_of_ours():
    ours = ("search", "evaluators", "trainers", "engines", "stores", "lean_sandbox", "pydantic")
    assert brought_in_by("import outerloop", (*HEAVY, *ours)) == []


@pytest.mark.parametrize("command", ["", *cli._COMMANDS])
def test_no_help_brings_in_a_heavy_library(command):
    words = ["outerloop", *command.split(), "--help"]
    helped = f"""
import sys
from search.cli import main
sys.argv = {words!r}
try:
    main()
except SystemExit:
    pass
"""
    beside = () if command else ("asyncio", "pydantic", "rich")
    assert brought_in_by(helped, (*HEAVY, *beside)) == []
