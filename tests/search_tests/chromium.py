"""A real browser without a window, where the machine has one."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

_BROWSER = next(
    (
        path
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (path := shutil.which(name))
    ),
    None,
)

needs_chromium = pytest.mark.skipif(
    _BROWSER is None, reason="no Chromium on this machine; Debian's package is `chromium`"
)


def dom_of(page: Path | str) -> str:
    """The document after its scripts have run."""
    return _chromium(page, "--dump-dom", "--virtual-time-budget=15000")


def screenshot(
    page: Path | str, png: Path, *, width: int, height: int, dark: bool = False
) -> None:
    """What a person sees, as a PNG."""
    colours = "0" if dark else "1"
    _chromium(
        page,
        f"--screenshot={png}",
        f"--window-size={width},{height}",
        f"--blink-settings=preferredColorScheme={colours}",
        "--hide-scrollbars",
        "--virtual-time-budget=15000",
    )


def _chromium(page: Path | str, *options: str) -> str:
    assert _BROWSER is not None
    address = page.resolve().as_uri() if isinstance(page, Path) else page
    with tempfile.TemporaryDirectory() as profile:
        ended = subprocess.run(
            [
                _BROWSER,
                "--headless=new",
                "--no-sandbox",  # root in a container has no user namespace to sandbox with
                "--disable-gpu",
                "--disable-dev-shm-usage",
                f"--user-data-dir={profile}",
                *options,
                address,
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
    return ended.stdout
