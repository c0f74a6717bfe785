"""The browser of the tests, as Playwright is told to start it: `playwright.chromium.launch(**BROWSER)`."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Any

_MISSING = "chromium-headless-shell, which is not installed: run deploy/setup test"
_QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)

# Chromium without windows, with a third less to do than the whole one, which starts windows and hides them
BROWSER: Mapping[str, Any] = {
    "executable_path": shutil.which("chromium-headless-shell") or shutil.which("chromium") or _MISSING,
    "args": _QUIET,
}
