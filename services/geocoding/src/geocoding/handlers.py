"""What geocoding does when it hears of an event, and how an address is looked up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

from backbone.contracts import (
    Address,
    EventLocated,
    EventNotLocated,
    EventSubmitted,
    EventWithdrawn,
    Mark,
    Position,
    Reason,
)
from backbone.postgres.jobs import Claimed, Job, Retry
from backbone.service.catching_up import Recall
from backbone.service.floor import Hears
from backbone.service.folding import Later, Then, fold
from backbone.service.outcomes import Dead, Done, Work

from .desk import Desk
from .domain import Whereabouts, is_finer
from .pipeline import Placed, Why
from .store import VENUES

UNKNOWN = Reason(
    code="address-unknown",
    message="Nous n’avons pas trouvé cette adresse : vérifiez la commune et le code postal, puis déposez à nouveau.",
)
UNANSWERED = Reason(
    code="address-not-checked", message="L’adresse n’a pas pu être vérifiée ; notre équipe en est informée."
)

# a national service that is down for a day must not cost an event its pin: 24 tries, the last after about 20 hours
PATIENCE = Retry(tries=24, first=2.0, cap=3600.0)
WAITS = (timedelta(hours=2), timedelta(hours=6), timedelta(days=1))
"""After which an address is looked up again whose answer was a poor one: a page of somebody's maintenance, then of
somebody's mistake, which is mended in working hours."""


class LookUp(Job):
    """Where the venue is that registration told of with this fact (`revision`, `sequence`)."""

    kind: ClassVar[str] = "look-up"
    event_id: UUID
    revision: int
    sequence: int = 0
    address: Address
    pin: Position | None = None
    """Where the organiser says that it is."""
    again: int = 0
    """How often it was looked up before, and the answer was a poor one."""

    @property
    def key(self) -> str:
        again = f":again-{self.again}" if self.again else ""
        return f"{self.event_id}:{self.revision}:{self.sequence}{again}"

    @property
    def about(self) -> str:
        return str(self.event_id)

    @property
    def mark(self) -> Mark:
        return Mark(self.revision, self.sequence)


def plan_look_up(known: Whereabouts, submitted: EventSubmitted, _: Desk) -> Then[Whereabouts]:
    """Queues the look-up of the address. An event that is online alone has no point: nothing is looked up."""
    if submitted.mark <= known.heard:
        return Then(known)
    if known.is_told(submitted.revision):
        return Then(replace(known, heard_sequence=submitted.sequence))
    edition, venue = submitted.event.edition, submitted.event.venue
    if venue is None:
        return Then(known.after(submitted.mark, "online", edition))
    told = {"event_id": submitted.event_id, "revision": submitted.revision, "sequence": submitted.sequence}
    wanted = LookUp(**told, address=venue.address, pin=venue.position)
    return Then(known.after(submitted.mark, "waiting", edition), jobs=[wanted])


def forget_venue(known: Whereabouts, gone: EventWithdrawn, _: Desk) -> Then[Whereabouts]:
    """What is found of an event that is gone is not told any more."""
    return Then(known.after(gone.mark, "withdrawn", known.edition) if gone.mark > known.heard else known)


async def look_up(claimed: Claimed, desk: Desk) -> Placed:
    """Asks where the address is, and by which way that is known."""
    job: LookUp = claimed.job
    placed = await desk.pipeline.place(job.address, job.pin)
    desk.metrics.count_located(placed.location)
    return placed


def tell_location(known: Whereabouts, done: Done, desk: Desk) -> Then[Whereabouts]:
    """Tells where the venue is, or that nobody knows it; what was overtaken meanwhile tells nothing, and what is no
    finer than what was told (or taken back meanwhile) neither. A poor answer is told, and asked for again later."""
    job, placed = _of(done)
    if job.mark != known.heard:
        return Then(known)
    later = _ask_again(job) if placed.is_poor else []
    at, before = placed.location, known.place
    if (at is None and job.again) or (before is not None and (at is None or not is_finer(at, before))):
        return Then(known, jobs=later)
    if at is None:
        return _tell_none(known, UNKNOWN, desk, placed.whys, later)
    found = known.found(at, placed.whys)
    return Then(found, [EventLocated(**found.about, location=at, located_at=desk.clock.now())], later)


def give_up_look_up(known: Whereabouts, dead: Dead, desk: Desk) -> Then[Whereabouts]:
    """After the last try the event stays in lists without a pin, and everyone downstream knows it; what was found
    before, if poorly, stays."""
    job: LookUp = dead.job
    return _tell_none(known, UNANSWERED, desk) if job.mark == known.heard and not job.again else Then(known)


def _of(done: Done) -> tuple[LookUp, Placed]:
    return done.job, done.outcome


def _ask_again(job: LookUp) -> Sequence[Later]:
    """The same question in a better hour, a few times."""
    wait = WAITS[job.again : job.again + 1]
    return [Later(job.model_copy(update={"again": job.again + 1}), due_in) for due_in in wait]


def _tell_none(
    known: Whereabouts, reason: Reason, desk: Desk, whys: Sequence[Why] = (), later: Sequence[Later] = ()
) -> Then[Whereabouts]:
    found = known.found(None, whys)
    return Then(found, [EventNotLocated(**found.about, reason=reason, looked_up_at=desk.clock.now())], later)


def recall_location(known: Whereabouts, fact: EventLocated | EventNotLocated, _: Desk) -> Then[Whereabouts]:
    """Takes back where a venue is, as it was told, so that it is neither looked up nor told again."""
    if fact.sequence <= known.sequence:
        return Then(known)
    return Then(known.recalled(fact, fact.location if isinstance(fact, EventLocated) else None))


RECALL = Recall(before=[{kind: fold(recall_location, into=VENUES) for kind in (EventLocated, EventNotLocated)}])

HEARS: Hears = {
    EventSubmitted: fold(plan_look_up, into=VENUES),
    EventWithdrawn: fold(forget_venue, into=VENUES),
}

LOOK_UPS = Work(
    LookUp,
    do=look_up,
    then=fold(tell_location, into=VENUES),
    dead=fold(give_up_look_up, into=VENUES),
    retry=PATIENCE,
    ahead=32,
)
