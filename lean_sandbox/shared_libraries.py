"""Which files a program is put together from before its first instruction: loader and libraries.

What people get wrong: granting the system's library folders whole. They hold programs too, and a
loader that may be executed runs any program that may be read.
"""

from __future__ import annotations

import functools
import re
import struct
import sysconfig
from pathlib import Path

from lean_sandbox import process

_LISTING_SECONDS = 20.0
_INTERPRETER = 3
"""The type of the program header that names the loader (`PT_INTERP`)."""
_FILE = re.compile(r"^\s*(?:\S+ => )?(/.*?)(?: \(0x[0-9a-f]+\))?$", re.MULTILINE)


def loader_of(program: Path) -> Path | None:
    """The loader that a 64-bit ELF program names; None for scripts and static programs."""
    try:
        with program.open("rb") as stream:
            head = stream.read(64)
            if head[:5] != b"\x7fELF\x02":
                return None
            (table,) = struct.unpack_from("=Q", head, 32)
            size, entries = struct.unpack_from("=HH", head, 54)
            stream.seek(table)
            headers = stream.read(size * entries)
            for at in range(0, len(headers), size):
                kind, _, offset, _, _, length = struct.unpack_from("=IIQQQQ", headers, at)
                if kind == _INTERPRETER:
                    stream.seek(offset)
                    return Path(stream.read(length).rstrip(b"\0").decode())
    except (OSError, struct.error, UnicodeDecodeError):
        pass
    return None


def libraries_of(program: Path, loader: Path) -> tuple[Path, ...]:
    """The libraries that the loader would map for a program that has no environment.

    Empty where the loader cannot say.
    """
    try:
        done = process.run(
            [str(loader), "--list", str(program)],
            cwd=Path("/"),
            timeout_seconds=_LISTING_SECONDS,
            environment={},
        )
    except (OSError, process.DeadlinePassed):
        return ()
    if done.returncode != 0:
        return ()
    return tuple(Path(file) for file in _FILE.findall(done.stdout))


def extensions() -> Path:
    """The folder of the modules that this Python has compiled, whatever environment it runs in."""
    return Path(sysconfig.get_config_var("DESTSHARED"))


@functools.cache
def of_extensions(python: Path) -> tuple[Path, ...]:
    """The libraries that `extensions` need; `python` is the program itself."""
    loader = loader_of(python)
    if loader is None:
        return ()
    modules = sorted(extensions().glob("*.so"))
    listed = (libraries_of(module, loader) for module in modules)
    return tuple(dict.fromkeys(library for each in listed for library in each))
