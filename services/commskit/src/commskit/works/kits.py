"""A kit is made and mailed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from backbone.contracts import KitFailed, KitPiece, KitSent
from backbone.mail.letter import Letter
from backbone.postgres.jobs import Claimed, JobRefused
from backbone.runtime.spans import part
from backbone.service.folding import Then
from backbone.service.outcomes import Dead, Done

from .. import store
from ..desk import Desk
from ..domain import failures
from ..domain.mailing import MailState
from ..domain.pieces import Kit
from ..domain.printed import NOT_SENT_AGAIN
from ..domain.standing import EventKits, RevisionKit
from ..jobs import MakeKit
from ..letter import write_letter
from ..metrics import KIT
from ..render import RenderFailed, RenderTimedOut
from ..store import KitOrder, kits
from .handing_over import NotOwed, OrganiserUnknown, about, hand_over, known_address, let_go


@dataclass(frozen=True)
class Sent:
    """The mail server took the kit."""

    pieces: tuple[KitPiece, ...]
    receipt: str
    at: datetime


async def send_kit(claimed: Claimed, desk: Desk) -> Sent | NotOwed:
    """Makes a kit and mails it."""
    job: MakeKit = claimed.job
    async with desk.engine.connect() as tx:
        order = await store.kit_order(tx, job.kit_id, job.order)
        if order is None:
            return NotOwed(await store.is_of_erased(tx, kits, job.kit_id))
    if order.organiser.email is None:
        raise OrganiserUnknown(str(order.organiser.id))
    kit = await _render(order, desk)
    if order.same_since and order.state is MailState.PENDING:
        return Sent(kit.pieces, NOT_SENT_AGAIN, order.same_since)
    receipt = await hand_over(order, lambda: _write(order, kit, desk), desk, KIT)
    return Sent(kit.pieces, receipt, desk.clock.now())


async def _render(order: KitOrder, desk: Desk) -> Kit:
    event = order.event
    look, page = desk.look(event.edition), desk.pages(event.event_id).event
    try:
        with desk.metrics.kit(), part("render kit"):
            return await desk.renderers.kit(event, page, look, order.labelled_at, order.earlier)
    except RenderFailed as failed:
        raise JobRefused(failures.RENDER_FAILED, str(failed)) from failed
    except RenderTimedOut as late:
        raise JobRefused(failures.RENDER_TIMED_OUT, str(late)) from late


def _write(order: KitOrder, kit: Kit, desk: Desk) -> Letter:
    look, pages = desk.look(order.event.edition), desk.pages(order.event.event_id)
    with known_address():
        return write_letter(order, kit, look, pages, sender=desk.mail_from, dated=desk.clock.now())


def note_kit(state: EventKits, done: Done, desk: Desk) -> Then[EventKits]:
    """What became of the kit is kept, and told if it left."""
    kit, outcome = _ordered(state, done.job), done.outcome
    if kit is None:
        return Then(state)
    if isinstance(outcome, NotOwed):
        is_owed = state.owed == kit.revision  # the label may have come back while the job looked
        return let_go(state, kit, outcome, keeping=state.keeping, is_owed=is_owed, ordered=MakeKit.ordered)
    state = replace(state.keeping(kit.accepted(outcome.receipt)), sequence=state.sequence + 1)
    sent = KitSent(**about(state, kit, desk), kit_id=kit.id, pieces=outcome.pieces, sent_at=outcome.at)
    return Then(state, [sent])


def give_up_kit(state: EventKits, dead: Dead, desk: Desk) -> Then[EventKits]:
    """After the last try, or when nobody will ever take it: an operator sees why, and the timeline says so."""
    kit = _ordered(state, dead.job)
    if kit is None or kit.state in (MailState.ACCEPTED, MailState.SUPERSEDED):
        return Then(state)
    state = replace(state.keeping(kit.failed(dead.reason)), sequence=state.sequence + 1)
    reason = failures.reason_of(dead.reason)
    return Then(state, [KitFailed(**about(state, kit, desk), reason=reason, failed_at=desk.clock.now())])


def _ordered(state: EventKits, job: MakeKit) -> RevisionKit | None:
    """The kit, if it is still this order of it that counts."""
    kit = state.kit(job.revision)
    return kit if kit and kit.orders == job.order else None
