"""What a receiver is sent: a change as the feed tells it, signed as standardwebhooks.com says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
from standardwebhooks import Webhook as Signer

from ..domain.changes import Change

RESET = "feed.reset"
TEST = "webhook.test"


@dataclass(frozen=True)
class Message:
    """A body, and the id that stays the same however often it is sent."""

    id: str
    body: bytes


def of_change(change: Change, public_url: str) -> Message:
    """The change."""
    return Message(change.id, orjson.dumps(change.document(public_url)))


def anew(journal: UUID) -> Message:
    """That the receiver forgets what it had: all that the map shows follows."""
    return _message(f"rst_{journal.hex}", RESET)


def test_message() -> Message:
    """One that says nothing, to see whether it arrives."""
    return _message(f"tst_{uuid4().hex}", TEST)


def _message(message_id: str, kind: str) -> Message:
    said: dict[str, Any] = {"id": message_id, "type": kind, "timestamp": datetime.now(UTC).isoformat(), "data": {}}
    return Message(message_id, orjson.dumps(said))


def headers(message: Message, secrets: Iterable[str], now: datetime, public_url: str) -> dict[str, str]:
    """What stands above a message: who sends it, and a signature by each of the secrets. `now` is in UTC."""
    signed = [Signer(secret).sign(message.id, now, message.body.decode()) for secret in secrets]
    return {
        "Content-Type": "application/json",
        "User-Agent": f"semaine-industrie-carte/1 (+{public_url}/api)",
        "webhook-id": message.id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signed),
    }
