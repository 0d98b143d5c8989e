"""The seam for fine-tuning: examples in, adapter out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from trainers.adapter import Adapter
from trainers.dataset import Example


class Trainer(Protocol):
    """Fine-tunes a student on examples.

    The same examples, student, configuration and seed give the same adapter on the same machine.
    """

    def train(
        self, examples: Sequence[Example], *, student: str, out_dir: Path, seed: int
    ) -> Adapter:
        """Fine-tune `student` on `examples` and leave the weights in `out_dir`.

        Raises:
            TrainingError: no examples, a loss that is not finite, or a student that cannot be
                loaded; the message says which.
        """
        ...
