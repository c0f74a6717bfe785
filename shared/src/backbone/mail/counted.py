"""What became of mails, counted: the same for all who mail."""

from __future__ import annotations

from collections.abc import Iterable

from ..runtime.metrics import OTHER, Book, known
from .letter import Letter
from .mailers import Mailer, MailRefused

OUTCOMES = ("handed_over", "refused", "failed")


class Mails:
    """Hands mails over and counts them, by what they are for."""

    def __init__(self, book: Book, kinds: Iterable[str]) -> None:
        self._kinds = (*kinds, OTHER)
        self.total = book.counter(
            "sdi_mails_total",
            "Mails that were to leave. Handed over: the mail server took it; refused: it never will; failed: it was"
            " away, said « later », or broke off: tried again.",
            kind=self._kinds,
            outcome=OUTCOMES,
        )

    async def send(self, mailer: Mailer, letter: Letter, kind: str) -> str:
        """The receipt. Raises MailError."""
        outcome = "failed"
        try:
            receipt = await mailer.send(letter)
            outcome = "handed_over"
        except MailRefused:
            outcome = "refused"
            raise
        finally:
            self.total.labels(known(kind, self._kinds), outcome).inc()
        return receipt
