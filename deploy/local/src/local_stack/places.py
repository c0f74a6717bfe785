"""Where the local stack keeps its state, and what it is told by the environment."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from provision.databases import SERVICES

from .ports import HOST, free_port
from .prometheus import write_targets

ROOT = Path(__file__).parents[4]
SAMPLES = ROOT / "deploy" / "local" / "samples"


@dataclass(frozen=True)
class Places:
    """The files of one local stack, all under one folder that may be thrown away."""

    state: Path

    @property
    def mailbox(self) -> Path:
        return self.state / "mailbox"

    @property
    def secrets(self) -> Path:
        return self.state / "secrets"

    @property
    def log(self) -> Path:
        return self.state / "logs" / "stack.log"

    @property
    def report(self) -> Path:
        """What registration said of the federation's file, as a workbook."""
        return self.state / "compte-rendu.xlsx"

    @property
    def prometheus(self) -> Path:
        return self.state / "prometheus"

    @property
    def signing_key(self) -> Path:
        """Registration's key, made at the first start; only its owner may read it."""
        file = self.secrets / "signing-key.pem"
        if not file.exists():
            pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            write_secret(file, pem.decode())
        return file

    @property
    def webhooks_key(self) -> Path:
        """What seals the secrets of map-feed's webhooks, made at the first start; only its owner may read it."""
        file = self.secrets / "webhooks-key"
        if not file.exists():
            write_secret(file, token_urlsafe(32))
        return file

    def settings(self) -> dict[str, dict[str, str]]:
        """What each service was told at the last start. Holds passwords: only its owner may read it."""
        kept: dict[str, dict[str, str]] = json.loads((self.secrets / "settings.json").read_text())
        return kept

    def keep_settings(self, settings: dict[str, dict[str, str]]) -> None:
        """Keeps what the services are told, so that a command of theirs can be run by hand."""
        write_secret(self.secrets / "settings.json", json.dumps(settings))

    def addresses(self) -> dict[str, str]:
        """The address of each service (and of the mailbox) as of the last start. Raises FileNotFoundError before."""
        kept: dict[str, str] = json.loads((self.state / "addresses.json").read_text())
        return kept

    def health_addresses(self) -> dict[str, str]:
        """Where each service is asked how it is, as of the last start. Raises FileNotFoundError before."""
        kept: dict[str, str] = json.loads((self.state / "health-addresses.json").read_text())
        return kept

    def choose_addresses(self) -> dict[str, str]:
        """The addresses of this start: those of the last one where their ports are still free."""
        # before the others: who waits for those finds these of the same start
        health = _choose(self.state / "health-addresses.json", SERVICES)
        write_targets(self.prometheus, health.items())
        return _choose(self.state / "addresses.json", (*SERVICES, "mailbox"))


def _choose(file: Path, names: Iterable[str]) -> dict[str, str]:
    kept = json.loads(file.read_text()) if file.exists() else {}
    chosen = {name: f"http://{HOST}:{free_port(_port(kept.get(name)))}" for name in names}
    file.write_text(json.dumps(chosen))
    return chosen


def where_things_are(places: Places) -> dict[str, str]:
    """What a person may want to look at, and where it is."""
    addresses = places.addresses()
    return {
        "Map": addresses["map-feed"],
        "API for organisers": f"{addresses['registration']}/docs",
        "Reviewers' desk": f"{addresses['labelling']}/relecture",
        "Review": f"{addresses['labelling']}/docs  (Authorize with the token that `make token` prints)",
        "Operator": "make sdi ARGS=--help",
        "Mailbox": f"{addresses['mailbox']}  (Maildir: {places.mailbox})",
    }


def _port(address: str | None) -> int | None:
    return int(address.rsplit(":", 1)[1]) if address else None


def write_secret(file: Path, text: str) -> None:
    """Writes a file that only its owner may read."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(text)
