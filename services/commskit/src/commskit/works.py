"""What commskit does in the world: it makes and mails kits, and forgets the mails of the erased."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from backbone.contracts import KitFailed, KitPiece, KitSent
from backbone.mail.letter import Letter
from backbone.mail.mailers import MailDelayed, MailRefused, MailUncertain
from backbone.postgres.database import Tx
from backbone.postgres.jobs import Claimed, JobRefused, Retry
from backbone.runtime.failpoints import failpoint
from backbone.service.folding import Then, fold, in_transaction
from backbone.service.outcomes import Dead, Done, Work

from . import store
from .desk import Desk
from .domain import failures
from .domain.mailing import ENDED, KitState, after_break, after_no, before_sending
from .domain.pieces import Kit
from .domain.standing import EventKits, RevisionKit
from .jobs import ForgetMails, MakeKit
from .letter import AddressMalformed, message_id, write_letter
from .render import RenderFailed, RenderTimedOut
from .store import KitOrder


class OrganiserUnknown(Exception):
    """The organiser's address has not arrived yet: it travels on another topic than the label."""


class KitUnderWay(Exception):
    """A kit of an erased organiser has not ended yet: its mail can only be forgotten afterwards."""


class InOtherHands(Exception):
    """Another worker has begun to send this very kit, or it was stopped: what became of it shows at the next try."""


@dataclass(frozen=True)
class Sent:
    """The mail server took the kit."""

    pieces: tuple[KitPiece, ...]
    receipt: str
    at: datetime


@dataclass(frozen=True)
class NotOwed:
    """There was nothing to send (any more)."""

    is_erased: bool


# --- a kit -----------------------------------------------------------------------------------------


async def send_kit(claimed: Claimed, desk: Desk) -> Sent | NotOwed:
    """Makes a kit and mails it."""
    job: MakeKit = claimed.job
    async with desk.engine.connect() as tx:
        order = await store.kit_order(tx, job.kit_id, job.order)
        if order is None:
            return NotOwed(await store.is_of_erased(tx, job.kit_id))
    if order.organiser.email is None:
        raise OrganiserUnknown(str(order.organiser.id))
    kit = await _render(order, desk)
    receipt = await _mail(order, kit, desk)
    return Sent(kit.pieces, receipt, desk.clock.now())


async def _render(order: KitOrder, desk: Desk) -> Kit:
    event = order.event
    look, page = desk.look(event.edition), desk.pages(event.event_id).event
    try:
        return await desk.renderers.kit(event, page, look, order.labelled_at, order.earlier)
    except RenderFailed as failed:
        raise JobRefused(failures.RENDER_FAILED, str(failed)) from failed
    except RenderTimedOut as late:
        raise JobRefused(failures.RENDER_TIMED_OUT, str(late)) from late


async def _mail(order: KitOrder, kit: Kit, desk: Desk) -> str:
    sending = before_sending(order.state)
    if sending is None:
        raise JobRefused(failures.UNCERTAIN_TWICE)
    letter = _write(order, kit, desk)
    async with desk.engine.begin() as tx:
        # two workers may have it at once, if a lease ran out: only one of them goes on
        if not await store.move_state(tx, order, order.state, sending):
            raise InOtherHands(str(order.id))
        if not await store.hold_organiser(tx, order.organiser.id):
            raise OrganiserUnknown(str(order.id))  # erased while the kit was made: the next try ends it
    failpoint("sending")
    try:
        return await desk.mailer.send(letter)
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


def _write(order: KitOrder, kit: Kit, desk: Desk) -> Letter:
    try:
        return write_letter(
            order,
            kit,
            desk.look(order.event.edition),
            desk.pages(order.event.event_id),
            sender=desk.mail_from,
            dated=desk.clock.now(),
        )
    except AddressMalformed as malformed:
        raise JobRefused(failures.ADDRESS_MALFORMED) from malformed


async def _note(order: KitOrder, sending: KitState, after: KitState, desk: Desk) -> None:
    async with desk.engine.begin() as tx:
        # if it is otherwise by now, another worker has taken it over: what that one noted stands
        await store.move_state(tx, order, sending, after)


def note_kit(state: EventKits, done: Done, desk: Desk) -> Then[EventKits]:
    """What became of the kit is kept, and told if it left."""
    kit, outcome = _ordered(state, done.job), done.outcome
    if kit is None:
        return Then(state)
    if isinstance(outcome, NotOwed):
        return _stop(state, kit, outcome)
    state = replace(state.keeping(kit.accepted(outcome.receipt)), sequence=state.sequence + 1)
    about = _about(state, kit, desk)
    return Then(state, [KitSent(**about, kit_id=kit.id, pieces=outcome.pieces, sent_at=outcome.at)])


def _stop(state: EventKits, kit: RevisionKit, found: NotOwed) -> Then[EventKits]:
    if found.is_erased:
        return Then(state.keeping(kit.stripped() if kit.state in ENDED else kit.stopped().stripped()))
    if kit.state in ENDED:
        return Then(state)
    if state.owed != kit.revision:
        return Then(state.keeping(kit.stopped()))
    again = kit.ordered_again(kit.event)  # the label came back while the job looked
    return Then(state.keeping(again), jobs=[MakeKit.ordered(state.event_id, again)])


def give_up_kit(state: EventKits, dead: Dead, desk: Desk) -> Then[EventKits]:
    """After the last try, or when nobody will ever take it: an operator sees why, and the timeline says so."""
    kit = _ordered(state, dead.job)
    if kit is None or kit.state in (KitState.ACCEPTED, KitState.SUPERSEDED):
        return Then(state)
    state = replace(state.keeping(kit.failed(dead.reason)), sequence=state.sequence + 1)
    about, reason = _about(state, kit, desk), failures.reason_of(dead.reason)
    return Then(state, [KitFailed(**about, reason=reason, failed_at=desk.clock.now())])


def _about(state: EventKits, kit: RevisionKit, desk: Desk) -> dict[str, Any]:
    """What every fact says of its event."""
    counted = {"revision": kit.revision, "sequence": state.sequence}
    return {"event_id": state.event_id, **counted, "edition": desk.edition(state.edition)}


def _ordered(state: EventKits, job: MakeKit) -> RevisionKit | None:
    """The kit, if it is still this order of it that counts."""
    kit = state.kit(job.revision)
    return kit if kit and kit.orders == job.order else None


async def ask_again(kind: str, key: str, tx: Tx) -> None:
    """An operator has a dead job tried again: its kit may be sent once more, and only once if the mail server may have
    taken it before, which nobody can know."""
    if kind == MakeKit.kind:
        await store.try_again(tx, *MakeKit.read_key(key))


# --- the mails of who is erased --------------------------------------------------------------------


async def forget_mails(claimed: Claimed, desk: Desk) -> None:
    """Removes the copies of an erased organiser's mails, once no kit of theirs is under way."""
    organiser_id = claimed.job.organiser_id
    async with desk.engine.begin() as tx:
        await store.hurry_kits(tx, organiser_id)  # one that failed since may wait for an hour
        is_open, kit_ids = await store.has_open_kits(tx, organiser_id), await store.kits_of(tx, organiser_id)
    if is_open:
        raise KitUnderWay(str(organiser_id))
    await desk.mailer.forget([message_id(kit_id) for kit_id in kit_ids])


async def forget_receipts(done: Done, tx: Tx, _: Desk) -> None:
    """Removes what was noted since the erasure: the mail server's answer to the last kit. It is in many events' kits,
    hence the transaction."""
    await store.strip_kits(tx, done.job.organiser_id)


# a mail server that is down for a night must not cost an organiser their kit: the last try comes after about 9 hours
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
)
# nothing is told of one that is given up: a mailbox that cannot be written for hours is an operator's to mend
FORGETTING = Work(ForgetMails, do=forget_mails, then=in_transaction(forget_receipts), retry=PATIENCE)
