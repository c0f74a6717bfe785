"""A mail is handed over, and where it stands is noted before and after: the same for kits and notices.

OrganiserUnknown   the address has not arrived yet
InOtherHands       another worker has begun to send this very mail, or it was stopped
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from opentelemetry.trace import SpanKind

from backbone.contracts import canary
from backbone.mail.letter import Letter
from backbone.mail.mailers import MailDelayed, MailRefused, MailUncertain, NowhereMailer
from backbone.postgres.jobs import Job, JobRefused
from backbone.runtime.failpoints import failpoint
from backbone.runtime.spans import part
from backbone.service.folding import Then

from .. import store
from ..desk import Desk
from ..domain import failures
from ..domain.mailing import ENDED, Mailed, MailState, after_break, after_no, before_sending
from ..domain.standing import EventKits
from ..letter import AddressMalformed
from ..store import Order

M = TypeVar("M", bound=Mailed)


class OrganiserUnknown(Exception):
    """The organiser's address has not arrived yet: it travels on another topic than the label."""


class InOtherHands(Exception):
    """Another worker has begun to send this very mail, or it was stopped: what became of it shows at the next try."""


@dataclass(frozen=True)
class NotOwed:
    """There was nothing to send (any more)."""

    is_erased: bool


async def hand_over(order: Order, write: Callable[[], Letter], desk: Desk, kind: str) -> str:
    """Sends what is ordered, once, and answers with the mail server's receipt; `kind` is what it is counted as."""
    sending = before_sending(order.state)
    if sending is None:
        raise JobRefused(failures.UNCERTAIN_TWICE)
    letter = write()
    async with desk.engine.begin() as tx:
        # two workers may have it at once, if a lease ran out: only one of them goes on
        if not await store.move_state(tx, order, order.state, sending):
            raise InOtherHands(str(order.id))
        if not await store.hold_organiser(tx, order.organiser.id):
            raise OrganiserUnknown(str(order.organiser.id))  # erased meanwhile: the next try ends it
    failpoint("sending")
    try:
        with part("hand over mail", SpanKind.CLIENT, mail_kind=kind):
            return await _leave(order, letter, desk, kind)
    except MailRefused as refused:
        await _note(order, sending, after_no(sending), desk)
        raise JobRefused(failures.MAIL_REFUSED, str(refused)) from refused
    except MailDelayed:
        await _note(order, sending, after_no(sending), desk)
        raise
    except MailUncertain as uncertain:
        if (broken := after_break(sending)) is None:
            raise JobRefused(failures.UNCERTAIN_TWICE) from uncertain
        await _note(order, sending, broken, desk)
        raise


async def _leave(order: Order, letter: Letter, desk: Desk, kind: str) -> str:
    if order.organiser.id == canary.ORGANISER:
        return await NowhereMailer().send(letter)  # not counted either: that mails leave is said by those that do
    return await desk.metrics.mails.send(desk.mailer, letter, kind)


async def _note(order: Order, sending: MailState, after: MailState, desk: Desk) -> None:
    async with desk.engine.begin() as tx:
        # if it is otherwise by now, another worker has taken it over: what that one noted stands
        await store.move_state(tx, order, sending, after)


@contextmanager
def known_address() -> Iterator[None]:
    """A letter that can be addressed to nobody is given up at once."""
    try:
        yield
    except AddressMalformed as malformed:
        raise JobRefused(failures.ADDRESS_MALFORMED) from malformed


def let_go(
    state: EventKits,
    mailed: M,
    found: NotOwed,
    *,
    keeping: Callable[[M], EventKits],
    is_owed: bool,
    ordered: Callable[[UUID, M], Job],
) -> Then[EventKits]:
    """A mail of which there was nothing to send ends here; one that is owed once more by now is ordered again."""
    if found.is_erased:
        return Then(keeping((mailed if mailed.state in ENDED else mailed.stopped()).stripped()))
    if mailed.state in ENDED:
        return Then(state)
    if not is_owed:
        return Then(keeping(mailed.stopped()))
    again = mailed.ordered_again()
    return Then(keeping(again), jobs=[ordered(state.event_id, again)])


def about(state: EventKits, mailed: Mailed, desk: Desk) -> dict[str, Any]:
    """What every fact says of its event."""
    counted = {"revision": mailed.revision, "sequence": state.sequence}
    return {"event_id": state.event_id, **counted, "edition": desk.edition(state.edition)}
