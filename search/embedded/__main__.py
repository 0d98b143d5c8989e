"""Makes the embedded world: `python -m search.embedded all`, or one of its steps."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from engines.named_models import SHIPPED

os.environ.setdefault("OMP_NUM_THREADS", "1")

MODELS = ("student-a", "student-b", "generator")


def main() -> None:
    """Run one step of the making, or all of them in order."""
    parser = argparse.ArgumentParser(prog="python -m search.embedded", description=__doc__)
    parser.add_argument("step", choices=("tokenizer", "data", *MODELS, "all"))
    parser.add_argument("--data", type=Path, default=Path(__file__).parent / "data")
    parser.add_argument("--models", type=Path, default=SHIPPED)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, help="training steps, for a quick try")
    arguments = parser.parse_args()
    steps = ("tokenizer", "data", *MODELS) if arguments.step == "all" else (arguments.step,)
    for step in steps:
        _run(step, arguments)


def _run(step: str, arguments: argparse.Namespace) -> None:
    models, seed = arguments.models, arguments.seed
    if step == "tokenizer":
        from search.embedded.tokenizer import train_tokenizer

        for name in MODELS:
            train_tokenizer(models / name, seed=seed, chat=name == "generator")
    elif step == "data":
        from search.embedded.data import write_data

        write_data(arguments.data, seed=seed)
    else:
        from search.embedded.pretraining import pretrain

        record = pretrain(step, models / step, seed=seed, steps=arguments.steps)
        (models / step / "pretraining.json").write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
