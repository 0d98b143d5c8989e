from __future__ import annotations

import pytest

from tests.trainers_tests.tiny_student import make_student


@pytest.fixture(scope="session")
def student(tmp_path_factory: pytest.TempPathFactory) -> str:
    return make_student(tmp_path_factory.mktemp("student"))
