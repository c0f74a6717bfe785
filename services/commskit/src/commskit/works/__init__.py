"""What commskit does in the world: it makes and mails kits, mails notices, and forgets the mails of the erased."""

from __future__ import annotations

from backbone.postgres.database import Tx
from backbone.postgres.jobs import Retry
from backbone.service.folding import fold, in_transaction
from backbone.service.outcomes import Work

from .. import store
from ..jobs import ForgetMails, MakeKit, SendNotice, read_key
from .forgetting import forget_mails, forget_receipts
from .handing_over import NotOwed
from .kits import give_up_kit, note_kit, send_kit
from .notices import give_up_notice, note_notice, send_notice

__all__ = ["FORGETTING", "KITS", "NOTICES", "NotOwed", "ask_again", "note_kit"]

# a mail server that is down for a night must not cost an organiser their mail: the last try comes after about 9 hours
PATIENCE = Retry(tries=20, first=2.0, cap=3600.0)

# Rendering and mailing have their own deadlines. This one is for a kit that waits for them on a machine so busy that
# a render, which is given its processor time, takes minutes: to break it off would only be more work.
LONGEST = 1800.0  # seconds

KITS = Work(
    MakeKit,
    do=send_kit,
    then=fold(note_kit, into=store.EVENTS),
    dead=fold(give_up_kit, into=store.EVENTS),
    retry=PATIENCE,
    timeout_seconds=LONGEST,
    mails=True,
)
NOTICES = Work(
    SendNotice,
    do=send_notice,
    then=fold(note_notice, into=store.EVENTS),
    dead=fold(give_up_notice, into=store.EVENTS),
    retry=PATIENCE,
    mails=True,
)
# nothing is told of one that is given up: a mailbox that cannot be written for hours is an operator's to mend
FORGETTING = Work(ForgetMails, do=forget_mails, then=in_transaction(forget_receipts), retry=PATIENCE)

_MAILS = {MakeKit.kind: store.kits, SendNotice.kind: store.notices}


async def ask_again(kind: str, key: str, tx: Tx) -> None:
    """An operator has a dead job tried again: its mail may be sent once more, and only once if the mail server may have
    taken it before, which nobody can know."""
    if kind in _MAILS:
        await store.try_again(tx, _MAILS[kind], *read_key(key))
