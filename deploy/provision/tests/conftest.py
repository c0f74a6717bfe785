"""Folders for servers that run as a user of their own."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def tmp_path(make_state_dir: Callable[[], Path]) -> Path:
    """Instead of pytest's own, which another run of pytest would shut to PostgreSQL's user."""
    return make_state_dir()
