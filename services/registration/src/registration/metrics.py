"""What registration counts besides what every service does."""

from __future__ import annotations

from backbone.mail.counted import Mails
from backbone.runtime.metrics import Book

SIGN_INS = ("signed_in", "wrong", "not_confirmed", "slowed", "crowded")
MAILS = ("confirmation", "account-exists", "new-password", "reminder")


class Metrics:
    """Registration's metrics, in the service's book."""

    def __init__(self, book: Book) -> None:
        self.sign_ins = book.counter(
            "sdi_sign_ins_total",
            "Sign-ins by address and password. Wrong: so is one of the two; slowed: too many tries; crowded: too many"
            " passwords were being checked at once.",
            outcome=SIGN_INS,
        )
        self.mails = Mails(book, MAILS)
