from __future__ import annotations

import subprocess
import sys

import pytest
from pydantic import ValidationError

from trainers.config import TrainingConfig


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_step": 3},
        {"max_steps": 0},
        {"learning_rate": 3.0},
        {"learning_rate": float("nan")},
        {"warmup_fraction": 1.0},
        {"method": "qlora"},
        {"threads": 0},
        {"batch_size": 0},
    ],
)
def test_settings_that_cannot_be_meant_are_refused(wrong):
    with pytest.raises(ValidationError):
        TrainingConfig(**wrong)


def test_every_setting_is_described():
    for name, field in TrainingConfig.model_fields.items():
        assert field.description, name


def test_a_configuration_is_read_without_torch():
    code = (
        "import trainers.config, trainers.request, sys; "
        "sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
