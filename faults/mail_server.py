"""A mail server that behaves as badly as asked, and remembers every mail that it took responsibility for."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from local_stack.ports import HOST, free_port

_LINK = re.compile(r"/confirmer\?jeton=([\w.-]+)")

ACCEPT, LATER, REFUSE, CLOSE_AND_KEEP, CLOSE_AND_DROP, HANG_AND_KEEP = range(6)
"""What it does with a mail once it has its text. KEEP: it has the mail, though the sender cannot know."""


def link_in(message: EmailMessage) -> str | None:
    """The token of the link with which an address is confirmed, if this is such a mail."""
    body = message.get_body(("plain",))
    link = _LINK.search(str(body.get_content())) if body else None
    return link.group(1) if link else None


def text_of(message: EmailMessage) -> str:
    """The subject and all that is text, calendars among it."""
    texts = [part for part in message.walk() if part.get_content_maintype() == "text"]
    return "\n".join([str(message["Subject"]), *(str(part.get_content()) for part in texts)])


class MailServer:
    """Real SMTP on the loopback, in a thread of its own."""

    def __init__(self) -> None:
        self.port = free_port()
        self.accepted: Counter[str] = Counter()  # by Message-ID
        self.texts: dict[str, str] = {}  # what a person reads of each
        self.refused: set[str] = set()
        self.seen = 0
        self._tokens: dict[str, str] = {}
        self._next: Iterator[int] = iter(())
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        return f"smtp://{HOST}:{self.port}?timeout=3"

    def start(self) -> None:
        self._controller = Controller(self, hostname=HOST, port=self.port)
        self._controller.start()

    def stop(self) -> None:
        if self._controller:
            self._controller.stop()
        self._controller = None

    def misbehave(self, kits: Iterator[int]) -> None:
        """What is done with each kit from now on; once the iterator is at its end, mails are accepted again."""
        self._next = kits

    def token_for(self, address: str) -> str | None:
        """The token of the newest confirmation mail to this address, if there is one."""
        return self._tokens.get(address)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        message: Any = message_from_bytes(envelope.content or b"", policy=default)
        name = str(message["Message-ID"])
        is_kit = "@kit." in name
        self.seen += is_kit
        behaviour = next(self._next, ACCEPT) if is_kit else ACCEPT
        if behaviour == REFUSE:
            self.refused.add(name)
        if behaviour in (ACCEPT, CLOSE_AND_KEEP, HANG_AND_KEEP):
            self._take(name, message)
        if behaviour in (CLOSE_AND_KEEP, CLOSE_AND_DROP):
            server.transport.abort()
        if behaviour == HANG_AND_KEEP:
            await asyncio.sleep(15)  # five times as long as the sender waits
        return {LATER: "451 later, please", REFUSE: "554 never"}.get(behaviour, "250 taken")

    def _take(self, name: str, message: EmailMessage) -> None:
        self.accepted[name] += 1
        self.texts[name] = text_of(message)
        if link := link_in(message):
            self._tokens[message["To"].addresses[0].addr_spec] = link
