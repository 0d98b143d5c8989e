"""The embedded world: a grammar of small functions, and the tiny models and data made from it.

Everything in `weights/` and `data/` was written by `python -m search.embedded all`.
"""

from __future__ import annotations

from pathlib import Path

_ROOT = Path(__file__).parent
PREFIX = "embedded:"


def resolve(name: str) -> Path:
    """The path behind `embedded:NAME`: a model folder or a data file.

    Raises:
        KeyError: nothing of that name is shipped; the message lists what is.
    """
    short = name.removeprefix(PREFIX)
    known = {path.name: path for path in (_ROOT / "weights").glob("*") if path.is_dir()}
    known |= {path.name.split(".")[0]: path for path in (_ROOT / "data").glob("*.jsonl.gz")}
    if short not in known:
        raise KeyError(f"no `{PREFIX}{short}`; there are {', '.join(sorted(known))}")
    return known[short]
