"""Every test runs under the environment the product sets for itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engines import environment

environment.prepare()

from lean_sandbox import toolchain  # noqa: E402 - after the environment is set
from lean_sandbox.errors import SandboxUnavailable  # noqa: E402
from lean_sandbox.pool import LeanPool  # noqa: E402
from lean_sandbox.toolchain import Toolchain  # noqa: E402


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files come first, so that processes which share the files end together."""
    items.sort(key=lambda test: "end_to_end_tests" not in test.path.parts)


@pytest.fixture(scope="session")
def installed() -> Toolchain:
    try:
        return toolchain.find()
    except SandboxUnavailable as failure:
        pytest.skip(f"needs the installed Lean: {failure}")


@pytest.fixture(scope="session")
def pool(installed: Toolchain) -> Iterator[LeanPool]:
    """One worker for the whole session: starting one takes longer than most tests."""
    with LeanPool(workers=1, timeout_seconds=60) as shared:
        yield shared
