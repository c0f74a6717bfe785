"""What commskit does when an event gets its label, and when it is time to make and mail its kit."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.campaign.clock import Clock
from backbone.contracts import (
    EventCancelled,
    EventLabelled,
    EventRejected,
    EventWithdrawn,
    KitFailed,
    KitSent,
    LabelWithdrawn,
    OrganiserErased,
    OrganiserFact,
)
from backbone.mail.letter import Letter
from backbone.mail.mailers import MailDelayed, Mailer, MailRefused, MailUncertain
from backbone.postgres.database import Tx
from backbone.postgres.jobs import Job, JobRefused, queue_job
from backbone.postgres.outbox import tell_now
from backbone.runtime.failpoints import failpoint

from . import store
from .domain.look import Look
from .domain.mailing import KitState, after_break, after_delay, before_sending
from .domain.pieces import Kit
from .letter import AddressMalformed, message_id, write_letter
from .render import RenderFailed, RenderPool, RenderTimedOut
from .store import KIT, KitOrder, Organiser

FORGETTING = "forgetting"


class OrganiserUnknown(Exception):
    """The organiser's address has not arrived yet: it travels on another topic than the label."""


class KitUnderWay(Exception):
    """A kit of an erased organiser has not ended yet: its mail can only be forgotten afterwards."""


class InOtherHands(Exception):
    """Another worker has begun to send this very kit: what has become of it shows at the next try."""


@dataclass(frozen=True)
class Workshop:
    """What it takes to make and send a kit."""

    engine: AsyncEngine
    renderers: RenderPool
    mailer: Mailer
    look: Look
    clock: Clock
    public_map_url: str
    mail_from: str

    def page_url(self, event_id: UUID) -> str:
        return f"{self.public_map_url.rstrip('/')}/evenements/{event_id}"

    @property
    def contact_url(self) -> str:
        return f"{self.public_map_url.rstrip('/')}/contact"


async def order_kit(labelled: EventLabelled, tx: Tx) -> None:
    """A labelled revision is owed a kit: queues it, once."""
    kit_id = uuid5(NAMESPACE_URL, f"kit:{labelled.event_id}:{labelled.revision}")
    await store.order_kit(tx, kit_id, labelled)
    about = {"kit_id": str(kit_id), "event_id": str(labelled.event_id), "revision": labelled.revision}
    await queue_job(tx, KIT, str(kit_id), about)


async def stop_kits(gone: EventRejected | LabelWithdrawn | EventWithdrawn | EventCancelled, tx: Tx) -> None:
    """An event without a label is sent no kit, not even one that is queued."""
    await store.note_gone(tx, gone)


async def note_organiser(fact: OrganiserFact, tx: Tx) -> None:
    """Keeps whom to write to."""
    await store.save_organiser(tx, fact)


async def forget_organiser(erased: OrganiserErased, tx: Tx) -> None:
    """Erases whom to write to, and has the copies of their mails removed.

    Each time it is told: what a frozen worker wrote late is found by the next time.
    """
    await store.erase_organiser(tx, erased.organiser_id)
    about = {"organiser_id": str(erased.organiser_id)}
    await queue_job(tx, FORGETTING, f"{erased.organiser_id}:{uuid4()}", about)


async def forget_mails(job: Job, *, workshop: Workshop) -> None:
    """Removes the copies of an erased organiser's mails, once no kit of theirs is under way."""
    organiser_id = UUID(job.payload["organiser_id"])
    async with workshop.engine.begin() as tx:
        await store.hurry_kits(tx, organiser_id)  # one that failed since may wait for an hour
        is_open, kit_ids = await store.has_open_kits(tx, organiser_id), await store.kits_of(tx, organiser_id)
    if is_open:
        raise KitUnderWay(str(organiser_id))
    await workshop.mailer.forget([message_id(kit_id) for kit_id in kit_ids])
    async with job.finish() as tx:
        await store.strip_kits(tx, organiser_id)  # the mail server's answer to the last one


async def give_up_forgetting(job: Job, reason: str, tx: Tx) -> None:
    """A mailbox that cannot be written for hours is an operator's to mend: the dead job says so."""


async def send_kit(job: Job, *, workshop: Workshop) -> None:
    """Makes a kit, mails it, and tells that it was sent."""
    kit_id = UUID(job.payload["kit_id"])
    async with workshop.engine.connect() as tx:
        order = await store.kit_order(tx, kit_id)
    if order is None:
        async with job.finish() as tx:
            await store.supersede(tx, kit_id)
        return
    if order.organiser is None:
        raise OrganiserUnknown(str(order.event.organiser_id))
    kit = await _render(order, workshop)
    receipt = await _mail(order, kit, workshop)
    async with job.finish() as tx:
        await store.set_state(tx, kit_id, KitState.ACCEPTED, receipt)
        known = {"event_id": order.event.event_id, "revision": order.event.revision, "kit_id": kit_id}
        await tell_now(tx, "commskit", KitSent(**known, pieces=kit.pieces, sent_at=workshop.clock.now()))


async def _render(order: KitOrder, workshop: Workshop) -> Kit:
    page_url = workshop.page_url(order.event.event_id)
    try:
        return await workshop.renderers.kit(order.event, page_url, workshop.look, order.labelled_at, order.earlier)
    except RenderFailed as failed:
        raise JobRefused("render-failed", str(failed)) from failed
    except RenderTimedOut as late:
        raise JobRefused("render-timed-out", str(late)) from late


async def _mail(order: KitOrder, kit: Kit, workshop: Workshop) -> str:
    assert order.organiser is not None
    sending = before_sending(order.state)
    if sending is None:
        raise JobRefused("uncertain-twice")
    letter = _write(order, order.organiser, kit, workshop)
    async with workshop.engine.begin() as tx:
        if not await store.hold_organiser(tx, order.event.organiser_id):
            raise OrganiserUnknown(str(order.id))  # erased while the kit was made: the next try ends it
        # two workers may have it at once, if a lease ran out: only one of them goes on
        if not await store.move_state(tx, order.id, order.state, sending):
            raise InOtherHands(str(order.id))
    failpoint("sending")
    try:
        return await workshop.mailer.send(letter)
    except MailRefused as refused:
        raise JobRefused(str(refused)) from refused
    except MailDelayed:
        await _note(order, after_delay(sending), workshop)
        raise
    except MailUncertain:
        await _note(order, after_break(sending), workshop)
        raise


def _write(order: KitOrder, to: Organiser, kit: Kit, workshop: Workshop) -> Letter:
    try:
        return write_letter(
            order.id,
            order.event,
            kit,
            to,
            look=workshop.look,
            page_url=workshop.page_url(order.event.event_id),
            contact_url=workshop.contact_url,
            sender=workshop.mail_from,
            dated=workshop.clock.now(),
            replaces=bool(order.earlier),
        )
    except AddressMalformed as malformed:
        raise JobRefused("address-malformed") from malformed


async def _note(order: KitOrder, state: KitState, workshop: Workshop) -> None:
    async with workshop.engine.begin() as tx:
        await store.set_state(tx, order.id, state)


async def ask_again(kind: str, key: str, tx: Tx) -> None:
    """An operator has a dead job tried again: its kit may be sent once more, and only once, as nobody can know
    whether the mail server took it before."""
    if kind == KIT:
        await store.move_state(tx, UUID(key), KitState.FAILED, KitState.UNCERTAIN)


async def give_up_kit(job: Job, reason: str, tx: Tx, *, clock: Clock) -> None:
    """After the last try, or when the mail server refuses: an operator sees why, and the timeline says so."""
    await store.set_state(tx, UUID(job.payload["kit_id"]), KitState.FAILED, reason)
    known = {"event_id": UUID(job.payload["event_id"]), "revision": job.payload["revision"]}
    await tell_now(tx, "commskit", KitFailed(**known, reason=reason, failed_at=clock.now()))
