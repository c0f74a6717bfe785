"""Two versions of the platform: this one, and an earlier one in a worktree with an environment of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
WORKTREES = ROOT / ".local" / "upgrades"
SETUP_SECONDS = 600.0
COMMAND_SECONDS = 240.0


@dataclass(frozen=True)
class Version:
    """The commands of one version. `commit`: as git describes it."""

    name: str
    commit: str
    folder: Path

    def command(self, service: str) -> str:
        return str(self.folder / ".venv" / "bin" / service)

    def run(self, service: str, *arguments: str, settings: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """One of a service's commands that end by themselves, whatever comes of it."""
        command, environ = [self.command(service), *arguments], {**os.environ, **settings}
        return subprocess.run(
            command, env=environ, cwd=self.folder, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False
        )

    def knows(self, migration: str) -> bool:
        """Whether it has a migration, by its name: `floor_0005`."""
        places = ("shared/src/backbone/postgres/migrations/versions", "services/*/src/*/migrations")
        return any(found for place in places for found in self.folder.glob(f"{place}/{migration}_*.py"))


def this_version() -> Version:
    return Version("new", _git("describe", "--always", "--dirty"), ROOT)


def earlier_version(commit: str) -> Version:
    """A worktree of a commit, made once and kept, set up by its own setup from its own lock."""
    sha = _git("rev-parse", "--verify", f"{commit}^{{commit}}")[:12]
    folder = WORKTREES / sha
    if not (folder / ".git").exists():
        _git("worktree", "prune")
        _git("worktree", "add", "--detach", "--force", str(folder), sha)
    # of ours, which would have it installed into our own environment
    environ = {name: told for name, told in os.environ.items() if name not in ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT")}
    how = {"cwd": folder, "env": environ, "capture_output": True, "text": True}
    done = subprocess.run(["deploy/setup", "demo"], timeout=SETUP_SECONDS, check=False, **how)
    assert done.returncode == 0, f"{sha} cannot be set up: {done.stdout}{done.stderr}"
    return Version("old", sha, folder)


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"git {' '.join(arguments)}: {done.stderr}"
    return done.stdout.strip()
