"""What the local servers keep between starts: their ports, and the passwords of those who may enter."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from provision.databases import SERVICES, database_of

from .ports import HOST, free_port

ROLES = ("postgres", *map(database_of, SERVICES))


@dataclass(frozen=True)
class Keys:
    """Where the server listens, and what each role must say to it."""

    port: int
    passwords: dict[str, str]

    def url(self, scheme: str, role: str, database: str) -> str:
        """The address of a database for a role, its password included (base64url needs no quoting)."""
        return f"{scheme}://{role}:{self.passwords[role]}@{HOST}:{self.port}/{database}"


def kept_keys(file: Path) -> Keys:
    """The keys of the last start. Raises FileNotFoundError before."""
    kept = json.loads(file.read_text())
    return Keys(kept["port"], kept["passwords"])


def read_keys(file: Path) -> Keys:
    """The keys kept in `file`, which only its owner may read; made at the first start, the port renewed if taken."""
    kept = json.loads(file.read_text()) if file.exists() else {}
    passwords = kept.get("passwords") or make_passwords(ROLES)
    keys = Keys(free_port(kept.get("port")), passwords)
    write_privately(file, json.dumps({"port": keys.port, "passwords": passwords}))
    return keys


def make_passwords(names: Iterable[str]) -> dict[str, str]:
    """A new password for each."""
    return {name: secrets.token_urlsafe(24) for name in names}


def write_privately(file: Path, text: str) -> None:
    """Writes a file that only its owner may read, whole or not at all."""
    aside = file.with_suffix(".new")
    aside.unlink(missing_ok=True)
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(text)
    aside.rename(file)
