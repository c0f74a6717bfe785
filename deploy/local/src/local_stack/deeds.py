"""What organisers do after they have posted: they mend, call off, repeat, and share the work. Done again, it changes
nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from registration_client.models import (
    Acceptance,
    Announcement,
    DraftSlot,
    EventDraft,
    EventStatus,
    EventView,
    InvitationRequest,
    Postponement,
    Relocation,
    State,
)

from .organisers import INVITATION, Deed, Letterbox, Organiser
from .program import Program

ACCESS = "Arrêt de bus devant l’entrée ; parking des visiteurs à gauche de l’accueil."
CANCELLED = "L’atelier est à l’arrêt cette semaine-là. Toutes nos excuses à celles et ceux qui avaient réservé."
POSTPONED = "Reporté au printemps : nos équipes vous diront bientôt quand."
MOVED_ONLINE = "La visite se fait à distance : nos équipes vous montrent l’atelier, caméra à la main."
AGAIN = "deuxième date"


async def do(deed: Deed, program: Program, event: EventView) -> None:
    """Does it to an event that was posted, unless it was done before."""
    if event.state != State.withdrawn:
        await _DO[deed](program, event)


async def _amend(program: Program, event: EventView) -> None:
    draft = _draft_of(event)
    if draft.access != ACCESS:
        draft.access, draft.capacity = ACCESS, (draft.capacity or 20) + 10
        await program.submit(await program.registration.replace_event(event.id, draft, if_match=event.version))


async def _cancel(program: Program, event: EventView) -> None:
    if _takes_place(event):
        await program.registration.cancel_event(event.id, Announcement(status_note=CANCELLED))


async def _postpone(program: Program, event: EventView) -> None:
    if _takes_place(event):
        await program.registration.postpone_event(event.id, Postponement(status_note=POSTPONED))


async def _move_online(program: Program, event: EventView) -> None:
    if _takes_place(event):
        said = Relocation(status_note=MOVED_ONLINE, status_url=f"https://visio.example/{event.id}")
        await program.registration.move_event_online(event.id, said)


async def _withdraw(program: Program, event: EventView) -> None:
    await program.registration.withdraw_event(event.id)


async def _repeat(program: Program, event: EventView) -> None:
    copied = await program.registration.repeat_event(event.id, idempotency_key=f"again-{event.id}")
    new = await program.registration.read_event(copied.id)  # which may have been answered before, and gone on since
    draft = _draft_of(new)
    if AGAIN not in (draft.title or ""):
        draft.title = f"{(draft.title or '')[: 117 - len(AGAIN)]} – {AGAIN}"
        draft.slots = [_on_another_day(slot) for slot in draft.slots or ()]
        new = await program.registration.replace_event(new.id, draft, if_match=new.version)
    if new.state == State.draft:
        await program.submit(new)


_DO: Mapping[Deed, Callable[[Program, EventView], Awaitable[None]]] = {
    Deed.AMENDED: _amend,
    Deed.CANCELLED: _cancel,
    Deed.COPIED: _repeat,
    Deed.POSTPONED: _postpone,
    Deed.MOVED_ONLINE: _move_online,
    Deed.WITHDRAWN: _withdraw,
}


def _draft_of(event: EventView) -> EventDraft:
    if not isinstance(event.draft, EventDraft):  # an older version's, which today's rules would not take
        raise TypeError(f"{event.id} is not written as events are today")
    return event.draft


def _takes_place(event: EventView) -> bool:
    return _draft_of(event).status in (None, EventStatus.scheduled)


def _on_another_day(slot: DraftSlot) -> DraftSlot:
    """The day after, or on a Friday that of before."""
    starts = datetime.fromisoformat(slot.starts_at)
    step = timedelta(days=-1 if starts.weekday() >= 4 else 1)
    hours = (starts + step, datetime.fromisoformat(slot.ends_at) + step)
    return DraftSlot(starts_at=f"{hours[0]:%Y-%m-%dT%H:%M}", ends_at=f"{hours[1]:%Y-%m-%dT%H:%M}")


async def share(program: Program, colleague: Organiser, letterbox: Letterbox) -> None:
    """Invites a colleague, who takes the link up; unless they are of the organisation already."""
    registration = program.registration
    home = (await registration.list_organisations())[0].id
    if len((await registration.read_organisation(home)).members) > 1:
        return
    await registration.invite_colleague(home, InvitationRequest(email=colleague.email))
    token = await letterbox.token_for(colleague.email, INVITATION)
    await registration.accept_invitation(
        Acceptance(token=token, name=colleague.name, organisation=colleague.organisation, password=colleague.password)
    )
