from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from evaluators.eng2lean.contexts import Call, PythonContext
from evaluators.errors import RowsError
from search.materials.contexts import contexts_hash, load_contexts
from tests.search_tests.eng2lean import TASK

SHARED = Path(__file__).parents[4] / "shared" / "data" / "python_functions.jsonl"


def row(**fields: object) -> str:
    whole = {
        "id": "a",
        "name": "double",
        "python": "def double(x):\n    return x + x",
        "docstring": "Twice x.",
    }
    return json.dumps({**whole, **fields})


def write(folder: Path, *lines: str) -> str:
    path = folder / "contexts.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def test_a_row_becomes_a_context_with_its_calls(tmp_path):
    source = write(
        tmp_path,
        row(calls=[{"arguments": [2], "value": 4}], licence="MIT", contributor="ada", stars=3),
    )
    assert load_contexts(source, TASK) == (
        PythonContext.of(
            id="a",
            name="double",
            python="def double(x):\n    return x + x",
            docstring="Twice x.",
            calls=(Call((2,), 4),),
            licence="MIT",
            contributor="ada",
        ),
    )


def test_a_gzipped_file_reads_like_a_plain_one(tmp_path):
    plain = write(tmp_path, row())
    packed = tmp_path / "contexts.jsonl.gz"
    packed.write_bytes(gzip.compress(Path(plain).read_bytes()))
    assert load_contexts(str(packed), TASK) == load_contexts(plain, TASK)


def test_a_docstring_inside_the_source_is_moved_out_of_it(tmp_path):
    python = 'import math\n\n\ndef f(x):\n    """Half.\n\n    Of x.\n    """\n    return x // 2\n'
    source = write(tmp_path, json.dumps({"id": "a", "python": python}))
    (context,) = load_contexts(source, TASK)
    assert context.name == "f"
    assert context.docstring == "Half.\n\nOf x."
    assert context.python == "import math\n\n\ndef f(x):\n    return x // 2"


def test_the_docstring_field_wins_over_the_one_in_the_source(tmp_path):
    python = 'def f(x):\n    "Half."\n    return x // 2'
    (context,) = load_contexts(
        write(tmp_path, row(name="f", python=python, docstring="Halve.")), TASK
    )
    assert context.docstring == "Halve."
    assert "Half." not in context.python


def test_without_a_name_the_last_function_is_meant(tmp_path):
    python = "def helper(x):\n    return x\n\ndef f(x):\n    return helper(x)"
    (context,) = load_contexts(write(tmp_path, row(name=None, python=python)), TASK)
    assert context.name == "f"


def test_a_seed_shuffles_before_the_limit_and_no_seed_keeps_the_order(tmp_path):
    source = write(tmp_path, *(row(id=str(number)) for number in range(20)))
    assert [context.id for context in load_contexts(source, TASK, limit=3)] == ["0", "1", "2"]
    shuffled = [context.id for context in load_contexts(source, TASK, limit=20, seed=0)]
    assert shuffled != [str(number) for number in range(20)]
    assert sorted(shuffled, key=int) == [str(number) for number in range(20)]
    assert [context.id for context in load_contexts(source, TASK, limit=5, seed=0)] == shuffled[:5]


def test_the_hash_is_of_the_contexts_and_not_of_the_file(tmp_path):
    first = load_contexts(write(tmp_path, row(), "", row(id="b", unknown=1)), TASK)
    again = load_contexts(write(tmp_path, row(), row(id="b")), TASK)
    other = load_contexts(write(tmp_path, row(), row(id="b", docstring="Two x.")), TASK)
    assert contexts_hash(first) == contexts_hash(again)
    assert contexts_hash(first) != contexts_hash(other)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["[", row(), "]"], ":1: a JSON array, not JSONL; write one object a line"),
        (["{", '"id": 1}'], ":1: JSON spread over many lines, not JSONL"),
        (["id,name,python", "1,f,x"], ":1: not JSONL; write one JSON object a line"),
        ([row(), row(id="b")[:-9]], ":2: not a JSON object"),
        ([row(), "3"], ":2: not JSONL"),
        ([json.dumps({"python": "def f(x): return x"})], ":1: no field `id` (fields: python)"),
        ([json.dumps({"id": "a", "code": "f"})], ":1: no field `python` (fields: code, id)"),
        ([row(id=7)], ":1: `id` must be text, not 7"),
        ([row(), row(id="b", python="def f(x:\n  return x")], ":2: the Python of `b` cannot"),
        ([row(python="x = 1")], "it defines no function at top level"),
        ([row(name="triple")], "it defines double, not `triple`"),
        ([row(docstring="")], ":1: `a` has no docstring; add a field `docstring`"),
        ([row(), row(id="b"), row()], ":3: id `a` stands on line 1 too; ids must be unique"),
        ([row(calls={"arguments": [1]})], ":1: `calls` must be an array"),
        ([row(calls=[{"arguments": 1, "value": 2}])], ':1: each of `calls` must be {"arguments"'),
        ([""], " is empty; write one JSON object a line"),
    ],
)
def test_each_bad_file_is_one_line_that_names_the_place_and_the_fix(tmp_path, lines, says):
    with pytest.raises(RowsError) as refused:
        load_contexts(write(tmp_path, *lines), TASK)
    message = str(refused.value)
    assert says in message
    assert "contexts.jsonl" in message
    assert "\n" not in message


def test_a_missing_file_a_folder_and_a_damaged_archive_are_said_to_be_so(tmp_path):
    with pytest.raises(RowsError, match=r"no such file; give a \.jsonl or"):
        load_contexts(str(tmp_path / "nowhere.jsonl"), TASK)
    with pytest.raises(RowsError, match=r"is a folder; name the \.jsonl file inside it"):
        load_contexts(str(tmp_path), TASK)
    torn = tmp_path / "torn.jsonl.gz"
    torn.write_bytes(gzip.compress(row().encode() * 50)[:-12])
    with pytest.raises(RowsError, match="damaged gzip file"):
        load_contexts(str(torn), TASK)


def test_a_file_that_is_not_utf8_names_the_line(tmp_path):
    path = tmp_path / "contexts.jsonl"
    path.write_bytes(row().encode() + b"\n" + row(id="b").encode().replace(b"Twice", b"Tw\xefce"))
    with pytest.raises(RowsError, match=r"contexts\.jsonl:2: not UTF-8 text"):
        load_contexts(str(path), TASK)


def test_a_limit_below_one_is_refused(tmp_path):
    with pytest.raises(RowsError, match="a limit of 0 leaves no context"):
        load_contexts(write(tmp_path, row()), TASK, limit=0)


@pytest.mark.skipif(not SHARED.exists(), reason="the real functions are not on this machine")
def test_real_functions_load_whole():
    contexts = load_contexts(str(SHARED), TASK)
    assert len(contexts) == 2101
    assert {context.licence for context in contexts} == {"MIT", "CC-BY-4.0"}
