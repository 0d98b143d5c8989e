"""Makes the embedded world: `python -m search.embedded all`, or one of its steps."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

MODELS = ("student-a", "student-b", "generator")


def main() -> None:
    """Run one step of the making, or all of them in order."""
    parser = argparse.ArgumentParser(prog="python -m search.embedded", description=__doc__)
    parser.add_argument("step", choices=("tokenizer", "data", *MODELS, "all"))
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, help="training steps, for a quick try")
    arguments = parser.parse_args()
    steps = ("tokenizer", "data", *MODELS) if arguments.step == "all" else (arguments.step,)
    for step in steps:
        _run(step, arguments.out, arguments.seed, arguments.steps)


def _run(step: str, out: Path, seed: int, steps: int | None) -> None:
    weights = out / "weights"
    if step == "tokenizer":
        from search.embedded.tokenizer import train_tokenizer

        for name in MODELS:
            train_tokenizer(weights / name, seed=seed, chat=name == "generator")
    elif step == "data":
        from search.embedded.data import write_data

        write_data(out / "data", seed=seed)
    else:
        from search.embedded.pretraining import pretrain

        record = pretrain(step, weights / step, seed=seed, steps=steps)
        (weights / step / "pretraining.json").write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
