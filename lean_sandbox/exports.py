"""Taking 192,000 functions off the list of what Lean's WebAssembly module exports.

The published module exports every function, so that Lean's interpreter can look any of them up by
name. A JavaScript engine makes an object for each, in each thread, which is most of a start. Here
they go into the module's own function table instead, where a name needs no more than its index.

The binary format is that of the WebAssembly core specification, chapter 5.5 ("Modules").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_TABLE, _EXPORT, _ELEMENT = 4, 7, 9
_FUNCTION = 0
_HEADER = b"\0asm\1\0\0\0"


class UnknownModule(ValueError):
    """The module does not have the sections of the published one."""


@dataclass(frozen=True, slots=True)
class Slim:
    """A module with few exports, and where the functions it no longer exports are."""

    module: bytes
    table: str
    """One line for the table index of the first function, then a line for each name."""


def slim(module: bytes, *, keep: set[str]) -> Slim:
    """Put every exported function into the table, and leave only those in `keep` exported.

    Raises:
        UnknownModule: a section is missing or is not as expected.
    """
    if not module.startswith(_HEADER):
        raise UnknownModule("this is not a WebAssembly module")
    sections = list(_sections(module))
    bodies = dict(sections)
    if not {_TABLE, _EXPORT, _ELEMENT} <= bodies.keys():
        raise UnknownModule("the module has no table, exports or elements")
    names, functions, exports = _split(bodies[_EXPORT], keep)
    first, table = _grown(bodies[_TABLE], len(functions))
    replaced = {
        _TABLE: table,
        _EXPORT: exports,
        _ELEMENT: _with_segment(bodies[_ELEMENT], first, functions),
    }
    out = bytearray(_HEADER)
    for kind, body in sections:
        body = replaced.get(kind, body)
        out += bytes([kind]) + _unsigned(len(body)) + body
    return Slim(bytes(out), "\n".join([str(first), *names]))


def _sections(module: bytes) -> Iterator[tuple[int, bytes]]:
    at = len(_HEADER)
    while at < len(module):
        kind = module[at]
        size, at = _read(module, at + 1)
        yield kind, module[at : at + size]
        at += size


def _split(body: bytes, keep: set[str]) -> tuple[list[str], list[int], bytes]:
    """The exported functions by name and index, and the export section that remains."""
    names, functions, kept = [], [], []
    count, at = _read(body, 0)
    for _ in range(count):
        start = at
        size, at = _read(body, at)
        name = body[at : at + size].decode("utf-8")
        kind = body[at + size]
        index, at = _read(body, at + size + 1)
        if kind == _FUNCTION:
            names.append(name)
            functions.append(index)
        if kind != _FUNCTION or name in keep:
            kept.append(body[start:at])
    return names, functions, _unsigned(len(kept)) + b"".join(kept)


def _grown(body: bytes, more: int) -> tuple[int, bytes]:
    """The old size of the one table, and a table section with room for `more` entries."""
    if body[:3] != b"\x01\x70\x00":
        raise UnknownModule("expected one function table without a limit")
    size, _ = _read(body, 3)
    return size, body[:3] + _unsigned(size + more)


def _with_segment(body: bytes, first: int, functions: list[int]) -> bytes:
    """The element section with one more segment: `functions` from table index `first` on."""
    count, at = _read(body, 0)
    segment = b"\x00\x41" + _signed(first) + b"\x0b" + _unsigned(len(functions))
    entries = b"".join(_unsigned(index) for index in functions)
    return _unsigned(count + 1) + body[at:] + segment + entries


def _read(data: bytes, at: int) -> tuple[int, int]:
    """An unsigned LEB128 number, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def _unsigned(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _signed(value: int) -> bytes:
    """A number that is not negative, as signed LEB128."""
    out = bytearray()
    while value > 63:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])
