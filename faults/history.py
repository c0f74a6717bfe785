"""What was asked and acknowledged, and what was done to the platform meanwhile: one JSON line each."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


@dataclass
class History:
    """The history file of one run; counts what it is told."""

    file: Path
    seed: int
    faults: int = 0
    acknowledged: int = 0
    messages: int = 0
    told: list[str] = field(default_factory=list)
    """Which alert came how long after its fault, as a person reads it."""
    last_fault: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.note("run", seed=self.seed)

    def note(self, what: str, **facts: Any) -> None:
        line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "what": what, **facts}
        with self.file.open("a") as file:
            file.write(json.dumps(line, default=str) + "\n")

    def fault(self, kind: str, **facts: Any) -> None:
        """Something is made to fail now."""
        self.faults += 1
        self.last_fault = time.monotonic()
        self.note("fault", kind=kind, seed=self.seed, **facts)

    def alerted(self, alert: str) -> None:
        """An alert tells of the last fault, now."""
        after, busy = time.monotonic() - self.last_fault, os.getloadavg()[0] / (os.cpu_count() or 1)
        self.told.append(
            f"{alert}: {after:.0f} s after the fault, with {busy:.1f} times the work that the machine has cores"
        )
        self.note("alert", alert=alert, since_last_fault=round(after, 1), busy=round(busy, 1))

    def ack(self, event_id: object, revision: int) -> None:
        """The platform said that it has this revision."""
        self.acknowledged += 1
        self.note("acknowledged", event=event_id, revision=revision)

    def checked(self, messages: int) -> None:
        """So many messages more were found to be where they belong."""
        self.messages += messages
        self.note("checked", messages=messages)
