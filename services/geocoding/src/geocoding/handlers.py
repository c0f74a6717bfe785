"""What geocoding does when it hears of an event, and when it is time to look an address up."""

from __future__ import annotations

from uuid import UUID

from backbone.campaign.clock import Clock
from backbone.contracts import Address, EventCancelled, EventLocated, EventNotLocated, EventSubmitted, EventWithdrawn
from backbone.postgres.database import Tx
from backbone.postgres.jobs import Job, queue_job
from backbone.postgres.outbox import tell_now

from . import store
from .domain import Geocoder

LOOK_UP = "look-up"
UNKNOWN = "Nous n’avons pas trouvé cette adresse : vérifiez la commune et le code postal, puis déposez à nouveau."
UNANSWERED = "L’adresse n’a pas pu être vérifiée ; notre équipe en est informée."


async def plan_look_up(submitted: EventSubmitted, tx: Tx) -> None:
    """Queues the look-up of a revision's address. An event online has no point: nothing is looked up."""
    event = submitted.event
    state = "waiting" if event.venue else "online"
    if await store.note_revision(tx, event.event_id, event.revision, state) and event.venue:
        about = {"event_id": str(event.event_id), "revision": event.revision}
        address = event.venue.address.model_dump(mode="json")
        await queue_job(tx, LOOK_UP, f"{event.event_id}:{event.revision}", {**about, "address": address})


async def forget_venue(gone: EventWithdrawn | EventCancelled, tx: Tx) -> None:
    """An event that is gone is not looked up any more."""
    await store.note_revision(tx, gone.event_id, gone.revision, "withdrawn")


async def locate_venue(job: Job, *, geocoder: Geocoder, clock: Clock) -> None:
    """Looks an address up and tells where it is, or that nobody knows it; an overtaken revision tells nothing."""
    location = await geocoder.locate(Address.model_validate(job.payload["address"]))
    event_id, revision, now = UUID(job.payload["event_id"]), job.payload["revision"], clock.now()
    async with job.finish() as tx:
        if not await store.save_location(tx, event_id, revision, location):
            return
        known = {"event_id": event_id, "revision": revision}
        if location:
            await tell_now(tx, "geocoding", EventLocated(**known, location=location, located_at=now))
        else:
            await tell_now(tx, "geocoding", EventNotLocated(**known, reason=UNKNOWN, looked_up_at=now))


async def give_up_look_up(job: Job, _: str, tx: Tx, *, clock: Clock) -> None:
    """After the last try the event stays in lists without a pin, and everyone downstream knows it."""
    event_id, revision = UUID(job.payload["event_id"]), job.payload["revision"]
    if await store.save_location(tx, event_id, revision, None):
        fact = EventNotLocated(event_id=event_id, revision=revision, reason=UNANSWERED, looked_up_at=clock.now())
        await tell_now(tx, "geocoding", fact)
