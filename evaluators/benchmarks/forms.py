"""How the rows of each known benchmark become problems: one small converter a form.

A converter takes one row and gives one `Problem`, or raises `RowProblem` with the reason. It may
not guess: what a form does not say is left empty, and Lean has the last word on the reference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

from evaluators.benchmarks.benchmark_rows import Fields, RowProblem
from evaluators.equivalence.lean_source import (
    Source,
    find_definition,
    marked_sections,
    one_line,
    opened,
    statement_of,
    theorem_name,
)
from evaluators.problem import Problem

Form: TypeAlias = Literal["outerloop", "verina", "clever", "humaneval-lean", "minif2f", "proofnet"]
"""A benchmark's row layout."""

_TEST = re.compile(r"^\s*example\s*:\s*(.*?)\s*:=\s*(?:by\b.*|rfl\b.*)?$", re.DOTALL)
_TEST_LINE = re.compile(r"^example\s*:.*?(?=^\S|\Z)", re.DOTALL | re.MULTILINE)
_HASH_TEST = re.compile(r"^[ \t]*(?:--[ \t]*)*#test[ \t]+([^\n]+)$", re.MULTILINE)
"""A test stands as a comment while its definition is unsolved."""
_PYTHON_DOC = re.compile(r'"""(.*?)"""', re.DOTALL)
_PROMPT = re.compile(r"## Prompt\s*```python3?\s*\n(.*?)```", re.DOTALL)
_BLOCK_COMMENT = re.compile(r"^\s*/--?(.*?)-/\s*$", re.DOTALL)
_HELD_BACK = re.compile(r"\bsorry\b")
_PRECONDITION = re.compile(r"\s+h_precond\b")
"""Verina's definitions take a proof of their precondition; here they are asked for without."""


def _outerloop(row: Fields) -> Problem:
    """This project's own: the fields of `Problem` under their names."""
    kind = row.optional_text("kind") or "definition"
    if kind not in {"definition", "statement"}:
        raise RowProblem("wrong_type", f"`kind` is definition or statement, not {kind!r}")
    signature = row.text("signature").strip()
    if signature.endswith(":="):
        raise RowProblem("wrong_type", "`signature` must end before `:=`")
    return Problem(
        id=row.text("id"),
        docstring=row.text("docstring"),
        signature=signature,
        tests=row.texts("tests"),
        reference=row.optional_text("reference"),
        kind="statement" if kind == "statement" else "definition",
        must_fail=row.texts("must_fail"),
        preamble=row.optional_text("preamble"),
        imports=row.texts("imports"),
        source=row.optional_text("source"),
        licence=row.optional_text("licence", "license"),
    )


def _verina(row: Fields) -> Problem:
    """Verina: the hub's rows (`lean_code` with marks), or rows with tests in Lean already."""
    if "lean_code" in row.values:
        return _verina_upstream(row)
    wanted = "\n".join([*row.texts("lean_imports"), _patched(row) or row.text("lean")])
    source = Source.of(_PRECONDITION.sub("", wanted))
    return Problem(
        id=row.text("id"),
        docstring=row.text("docstring", "description"),
        signature=row.text("signature").strip(),
        tests=row.texts("lean_tests"),
        reference=source.text,
        must_fail=row.texts("lean_tests_must_fail"),
        imports=source.imports,
        source=row.optional_text("source"),
        licence=row.optional_text("licence", "license"),
    )


def _verina_upstream(row: Fields) -> Problem:
    signature = row.below("signature")
    name, result = signature.text("name"), signature.text("return_type")
    if signature.values.get("parameters") is None:
        raise RowProblem("missing_field", "no `parameters` in `signature`")
    parameters = [
        (one.text("param_name"), one.text("param_type")) for one in signature.table("parameters")
    ]
    header = f"def {name} " + "".join(f"({one} : {kind}) " for one, kind in parameters)
    header = f"{header}: {result}"
    parts = marked_sections(row.text("lean_code"))
    if not parts.get("code", "").strip():
        raise RowProblem("unreadable_lean", "no `-- !benchmark @start code` part in `lean_code`")
    helpers = [parts.get(part, "").strip() for part in ("solution_aux", "code_aux")]
    tests, must_fail = [], []
    for case in row.table("tests"):
        call = " ".join([name, *_arguments(case, parameters)])
        tests += [f"{call} = {_verina_value(v, result)}" for v in _values(case, "expected")]
        must_fail += [f"{call} = {_verina_value(v, result)}" for v in _values(case, "unexpected")]
    code = _PRECONDITION.sub("", parts["code"])
    return Problem(
        id=row.text("id", "data_id"),
        docstring=row.text("description"),
        signature=header,
        tests=tuple(tests),
        reference="\n\n".join([*filter(None, helpers), f"{header} :=\n{code}"]),
        must_fail=tuple(must_fail),
        imports=Source.of(parts.get("import", "")).imports,
        source="sunblaze-ucb/verina",
        licence=row.optional_text("licence", "license"),
    )


def _clever(row: Fields) -> Problem:
    """CLEVER: signature, implementation, `#test` lines; an unsolved one has no reference."""
    signature = row.text("implementation_signature").strip().removesuffix(":=").strip()
    body = row.optional_text("implementation")
    listed = isinstance(row.values.get("helper_definitions"), list)
    helpers = row.texts if listed else (lambda name: (row.optional_text(name),))
    before = "\n\n".join(helpers("helper_definitions"))
    solved = body.strip() and not _HELD_BACK.search(body)
    reference = f"{signature} :=\n{_indented(body)}" if solved else ""
    return Problem(
        id=row.optional_text("id", "problem_id", "name") or f"clever-{row.place.split()[-1]}",
        docstring=row.text("docstring", "problem_spec_nl").strip(),
        signature=one_line(signature),
        tests=tuple(test.strip() for test in _HASH_TEST.findall(row.text("test_cases_lean"))),
        reference="\n\n".join(filter(None, [before.strip(), reference])) if solved else "",
        source="trishullab/clever",
        licence=row.optional_text("licence", "license"),
    )


def _humaneval(row: Fields) -> Problem:
    """human-eval-lean: a whole Lean file; the name asked for is the one its examples test."""
    lean = row.text("lean", "content", "text")
    found = row.texts("lean_tests") or tuple(_TEST_LINE.findall(lean))
    tests = tuple(
        one_line(match.group(1)) for match in map(_TEST.match, found) if match and match.group(1)
    )
    if not tests:
        raise RowProblem("no_tests", "no `example : … := …` in the file")
    source = Source.of(lean)
    name = tests[0].lstrip("(¬ ").split()[0]
    definition = find_definition(source.text, name)
    if definition is None:
        raise RowProblem("unreadable_lean", f"no `def {name}`, which the examples test")
    return Problem(
        id=row.text("id", "name", "path"),
        docstring=row.optional_text("docstring") or _python_docstring(lean),
        signature=definition.signature,
        tests=tests,
        reference=definition.reference,
        imports=source.imports,
        source=row.optional_text("source") or "leanprover/human-eval-lean",
        licence=row.optional_text("licence", "license"),
    )


def _minif2f(row: Fields) -> Problem:
    """miniF2F: a statement with its informal text, in the field names of its several copies."""
    english = row.text(
        "docstring", "informal_prefix", "informal_stmt", "informal_statement", "nl_statement",
        "natural",
    )  # fmt: skip
    lean = row.text("lean", "formal_statement", "lean4_statement", "formal")
    return _statement(row, english, lean, header=row.optional_text("header"))


def _proofnet(row: Fields) -> Problem:
    """ProofNet, in Lean 4 (ProofNet# or the copy that DeepSeek-Prover ships)."""
    english = row.text("nl_statement", "informal_prefix", "docstring", "informal_statement")
    lean = row.text("lean4_formalization", "formal_statement", "lean")
    header = row.optional_text("lean4_src_header", "header", "src_header")
    return _statement(row, english, lean, header=header)


def _statement(row: Fields, english: str, lean: str, *, header: str) -> Problem:
    statement = statement_of(lean)
    name = theorem_name(statement)
    if not name:
        raise RowProblem("unreadable_lean", "the formal statement is no `theorem NAME …`")
    comment = _BLOCK_COMMENT.match(english)
    return Problem(
        id=row.text("id", "name", "problem_name"),
        docstring=(comment.group(1) if comment else english).strip(),
        signature=f"theorem {name}",
        tests=(),
        reference=statement,
        kind="statement",
        preamble=opened(header),
        imports=Source.of(f"{header}\n{lean}").imports,
        source=row.optional_text("source"),
        licence=row.optional_text("licence", "license"),
    )


CONVERTERS: Mapping[Form, Callable[[Fields], Problem]] = {
    "outerloop": _outerloop,
    "verina": _verina,
    "clever": _clever,
    "humaneval-lean": _humaneval,
    "minif2f": _minif2f,
    "proofnet": _proofnet,
}
"""What turns a row of each form into a problem."""


def _patched(row: Fields) -> str:
    """A reference repaired for this Lean, where a row brings one along."""
    check = row.values.get("core_check_code")
    patched = check.get("patched_code") if isinstance(check, dict) else None
    return patched if isinstance(patched, str) else ""


def _arguments(case: Fields, parameters: list[tuple[str, str]]) -> list[str]:
    value: Any = case.values.get("input")
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise RowProblem("broken_json", f"the `input` of a test: {error}") from error
    if not isinstance(value, dict) or any(name not in value for name, _ in parameters):
        raise RowProblem("missing_field", "a test's `input` does not name every parameter")
    return [_verina_value(value[name], kind) for name, kind in parameters]


def _values(case: Fields, name: str) -> list[Any]:
    value = case.values.get(name)
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _verina_value(value: object, lean_type: str) -> str:
    """A test's value as Verina writes it into Lean: texts are quoted, others stand as they are."""
    if lean_type == "Bool":
        return str(value).lower()
    if lean_type == "String":
        return f'"{value}"'
    if lean_type == "Char":
        return f"'{value}'"
    return f"({value})"


def _indented(body: str) -> str:
    lines = body.strip("\n").split("\n")
    return "\n".join(f"  {line}" if line.strip() else line for line in lines)


def _python_docstring(lean: str) -> str:
    prompt = _PROMPT.search(lean)
    docstring = _PYTHON_DOC.search(prompt.group(1)) if prompt else None
    if docstring is None:
        raise RowProblem("missing_field", "no `docstring`, and no Python prompt in the file")
    return "\n".join(line.strip() for line in docstring.group(1).strip().split("\n"))
