"""What registration counts besides what every service does."""

from __future__ import annotations

from backbone.mail.counted import Mails
from backbone.runtime.canary import Stages
from backbone.runtime.metrics import Book

SIGN_INS = ("signed_in", "wrong", "not_confirmed", "code_asked", "wrong_code", "slowed", "crowded")
REFRESHES = ("renewed", "again", "ended", "reused")
CANARY = ("decided", "located", "equipped")
MAILS = (
    "confirmation",
    "account-exists",
    "new-password",
    "reminder",
    "attendance",
    "unused-account",
    "unfinished",
    "invitation",
    "handed-over",
    "helped",
    "account-notice",
    "new-address",
    "api-key-ends",
)


class Metrics:
    """Registration's metrics, in the service's book."""

    def __init__(self, book: Book) -> None:
        self.sign_ins = book.counter(
            "sdi_sign_ins_total",
            "Sign-ins by address and password. Wrong: so is one of the two; code_asked: both were right, and the second"
            " factor is asked for next; slowed: too many tries; crowded: too many"
            " passwords were being checked at once.",
            outcome=SIGN_INS,
        )
        self.refreshes = book.counter(
            "sdi_refreshes_total",
            "Refresh tokens shown. Again: within the seconds in which two tabs may ask at once; ended: its session is"
            " over; reused: it was spent before, and its session was ended.",
            outcome=REFRESHES,
        )
        self.mails = Mails(book, MAILS)
        self.canary = Stages(book, CANARY)
        self.canaries = book.counter("sdi_canaries_total", "Canaries that this process has submitted.")
        self.canary_every = book.gauge(
            "sdi_canary_every_seconds", "How often a canary is submitted (`CANARY_EVERY_SECONDS`); 0: never."
        )
