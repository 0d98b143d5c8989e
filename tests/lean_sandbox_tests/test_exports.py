from __future__ import annotations

import json
from pathlib import Path

import pytest

from lean_sandbox import exports, process, toolchain
from lean_sandbox.errors import NodeMissing


def _section(kind: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return bytes([kind, len(body)]) + body


def _export(name: str, kind: int, index: int) -> bytes:
    return bytes([len(name)]) + name.encode() + bytes([kind, index])


def _returns(value: int) -> bytes:
    return b"\x04\x00\x41" + bytes([value]) + b"\x0b"


MODULE = b"".join(
    [
        b"\0asm\1\0\0\0",
        _section(1, b"\x01\x60\x00\x01\x7f"),  # one type: () -> i32
        _section(3, b"\x03\x00\x00\x00"),  # three functions of it
        _section(4, b"\x01\x70\x00\x02"),  # a table of two
        _section(6, b"\x01\x7f\x00\x41\x07\x0b"),  # a global, 7
        _section(
            7,
            b"\x05",
            _export("ten", 0, 0),
            _export("twenty", 0, 1),
            _export("thirty", 0, 2),
            _export("seven", 3, 0),
            _export("table", 1, 0),
        ),
        _section(9, b"\x01\x00\x41\x01\x0b\x01\x02"),  # table[1] = thirty
        _section(10, b"\x03", _returns(10), _returns(20), _returns(30)),
    ]
)
"""A module by hand, with the sections that Lean's has."""

_SCRIPT = """
const {exports: e} = new WebAssembly.Instance(
  new WebAssembly.Module(require("fs").readFileSync(process.argv[2])));
const table = [];
for (let i = 0; i < e.table.length; i++) {
  const entry = e.table.get(i);
  table.push(entry === null ? null : entry());
}
console.log(JSON.stringify({names: Object.keys(e), seven: e.seven.value, kept: e.ten(), table}));
"""


def test_functions_move_from_the_exports_to_the_table(tmp_path: Path) -> None:
    try:
        node = toolchain.find_node()
    except NodeMissing as failure:
        pytest.skip(str(failure))
    slim = exports.slim(MODULE, keep={"ten"})
    assert slim.table.split("\n") == ["2", "ten", "twenty", "thirty"]
    (tmp_path / "slim.wasm").write_bytes(slim.module)
    (tmp_path / "look.js").write_text(_SCRIPT)
    command = [str(node), str(tmp_path / "look.js"), str(tmp_path / "slim.wasm")]
    said = json.loads(process.run(command, cwd=tmp_path, timeout_seconds=60).stdout)
    assert said == {
        "names": ["ten", "seven", "table"],
        "seven": 7,
        "kept": 10,
        "table": [None, 30, 10, 20, 30],
    }


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (b"wasm", "not a WebAssembly module"),
        (MODULE[:8], "no table, exports or elements"),
        (MODULE.replace(b"\x01\x70\x00\x02", b"\x01\x70\x01\x02"), "without a limit"),
    ],
)
def test_another_kind_of_module_is_refused(module: bytes, message: str) -> None:
    with pytest.raises(exports.UnknownModule, match=message):
        exports.slim(module, keep=set())
