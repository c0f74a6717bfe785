"""A Maildir in place of a mail server: where the platform itself keeps copies of what it mails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from .mail_server import link_in, text_of


class Mailbox:
    """Takes every mail, as a mail server that always behaves would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.refused: set[str] = set()

    @property
    def url(self) -> str:
        return f"maildir:{self.folder}"

    @property
    def accepted(self) -> Counter[str]:
        """How many copies there are of each mail now, by Message-ID."""
        return Counter(str(mail["Message-ID"]) for mail in self._mails())

    @property
    def texts(self) -> dict[str, str]:
        """What a person reads of each, by Message-ID."""
        return {str(mail["Message-ID"]): text_of(mail) for mail in self._mails()}

    def _mails(self) -> Iterator[Any]:
        return (message_from_bytes(file.read_bytes(), policy=default) for file in (self.folder / "new").glob("*"))

    def files(self) -> Iterator[Path]:
        """Every file, whole or not."""
        return (file for file in self.folder.rglob("*") if file.is_file())

    def start(self) -> None:
        return None

    def stop(self) -> None:
        return None

    def misbehave(self, _: Iterator[int]) -> None:
        return None

    def token_for(self, address: str) -> str | None:
        """The token of a confirmation mail to this address, if there is one."""
        for file in (self.folder / "new").glob("*"):
            mail = message_from_bytes(file.read_bytes(), policy=default)
            if mail["To"].addresses[0].addr_spec == address and (link := link_in(mail)):
                return link
        return None
