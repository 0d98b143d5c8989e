"""The embedded world: a grammar of small functions, and the data made from it.

Everything in `data/`, and the tiny models in `engines/embedded/`, was written by
`python -m search.embedded all`.
"""

from __future__ import annotations

from pathlib import Path

from engines.named_models import PREFIX

_DATA = Path(__file__).parent / "data"


def resolve(name: str) -> Path:
    """The file behind `embedded:NAME`.

    Raises:
        KeyError: no file of that name is shipped; the message lists those that are.
    """
    short = name.removeprefix(PREFIX)
    known = {path.name.split(".")[0]: path for path in _DATA.glob("*.jsonl.gz")}
    if short not in known:
        raise KeyError(f"no `{PREFIX}{short}`; there are {', '.join(sorted(known))}")
    return known[short]
