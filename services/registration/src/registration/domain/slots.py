"""The openings of an event, as the clocks at its own place show them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timezone
from hashlib import sha256
from itertools import count
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    NaiveDatetime,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError, PydanticKnownError

from backbone.campaign.dates import period
from backbone.campaign.edition import Edition
from backbone.contracts import Slot, SlotStatus

EDITION: ContextVar[Edition | None] = ContextVar("edition", default=None)
"""The edition that drafts are written for; where none is set, any year will do."""


@contextmanager
def written_for(edition: Edition) -> Iterator[None]:
    """Reads drafts as those of this edition."""
    before = EDITION.set(edition)
    try:
        yield
    finally:
        EDITION.reset(before)


NO_SUCH_HOUR = "Cette heure n’existe pas ce jour-là : les horloges avancent. Indiquez une heure plus tôt ou plus tard."
TWICE_THAT_DAY = (
    "Cette heure existe deux fois ce jour-là : les horloges reculent. Indiquez une heure plus tôt ou plus tard."
)
LISTED_BEFORE = "Ce créneau figure déjà plus haut : retirez-le, ou changez ses heures."
NAMED_BEFORE = "Un autre créneau porte déjà cet identifiant (id)."

_HOURS = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}")


def with_its_hours(given: Any) -> Any:
    """What says a day and an hour. A day alone is none (pydantic would take midnight), nor is a number of seconds."""
    if isinstance(given, datetime) or (isinstance(given, str) and _HOURS.match(given)):
        return given
    raise PydanticKnownError("datetime_type")


def to_the_minute(local: datetime) -> datetime:
    """The time as people are shown it. Two openings that differ in seconds would read as one, told twice."""
    return local.replace(second=0, microsecond=0)


def near_the_edition(local: datetime) -> datetime:
    """The time itself. Raises ValueError (in French) if its year is neither the edition's nor one beside it."""
    edition = EDITION.get()
    if edition and abs(local.year - edition.week.first.year) > 1:
        raise ValueError(f"Vérifiez l’année : la Semaine a lieu {period(edition.week.first, edition.week.last)}.")
    return local


# OpenAPI's « date-time » has an offset; this has none, and says so
LocalTime = Annotated[
    NaiveDatetime,
    BeforeValidator(with_its_hours),
    AfterValidator(to_the_minute),
    AfterValidator(near_the_edition),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^[12]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$",
        }
    ),
]


class DraftSlot(BaseModel):
    """One opening, in local time at the event's place, without an offset: `2026-11-17T09:00`. `id` names it through all
    revisions; whoever moves it gives its id again."""

    model_config = ConfigDict(extra="forbid")

    starts_at: LocalTime
    ends_at: LocalTime
    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,40}$")] | None = None
    status: SlotStatus = SlotStatus.SCHEDULED

    @property
    def hours(self) -> tuple[datetime, datetime]:
        return self.starts_at, self.ends_at

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise ValueError("La fin du créneau doit venir après son début.")
        return self


def placed(slot: DraftSlot, zone: ZoneInfo) -> Slot:
    """The slot as two instants. Their offsets are fixed: Python compares times of one zone by what clocks show."""

    def there(local: datetime) -> datetime:
        offset = local.replace(tzinfo=zone).utcoffset()
        assert offset is not None
        return local.replace(tzinfo=timezone(offset))

    status = SlotStatus(slot.status).value
    return Slot(starts_at=there(slot.starts_at), ends_at=there(slot.ends_at), id=slot.id, status=status)


def recognised(slots: Sequence[DraftSlot], before: Sequence[DraftSlot]) -> list[DraftSlot]:
    """The slots, those that stand at the hours of one there was `before` under its id, unless they bear one or it is
    another's."""
    taken = {slot.id for slot in slots if slot.id}
    known = {slot.hours: slot.id for slot in before if slot.id and slot.id not in taken}
    return [slot if slot.id else slot.model_copy(update={"id": known.get(slot.hours)}) for slot in slots]


def named(slots: Sequence[DraftSlot]) -> list[DraftSlot]:
    """The slots, each with an id: made of its hours where it has none, so that written again it has the same."""
    taken = {slot.id for slot in slots if slot.id}
    return [slot if slot.id else slot.model_copy(update={"id": _new_id(slot, taken)}) for slot in slots]


def _new_id(slot: DraftSlot, taken: set[str]) -> str:
    told = "/".join(local.isoformat() for local in slot.hours)
    ids = (sha256(f"{told}/{number}".encode()).hexdigest()[:8] for number in count())
    new = next(one for one in ids if one not in taken)
    taken.add(new)
    return new


def read_slots(given: Any, read: Callable[[Any], list[DraftSlot]], zone: ZoneInfo | None) -> list[DraftSlot]:
    """The slots as `read` reads them. Raises ValidationError with all that is wrong with any of them, the hours that
    do not exist at their place included; `zone` is None where the place is not known."""
    try:
        slots, faults = dict(enumerate(read(given))), []
    except ValidationError as refused:
        faults = [_again(error) for error in refused.errors()]
        is_list = all(fault["loc"] for fault in faults)  # and not too long a one: of that nothing more need be said
        slots = _readable(given) if is_list else {}
    faults += _faults(slots, zone)
    if faults:
        raise ValidationError.from_exception_data("slots", faults)
    return list(slots.values())


def _readable(given: list[Any]) -> dict[int, DraftSlot]:
    found = {}
    for place, one in enumerate(given):
        try:
            found[place] = DraftSlot.model_validate(one)
        except ValidationError:  # it is told of already
            continue
    return found


def _again(error: Mapping[str, Any]) -> InitErrorDetails:
    return InitErrorDetails(type=error["type"], loc=error["loc"], input=error["input"], ctx=error.get("ctx", {}))


def _faults(slots: Mapping[int, DraftSlot], zone: ZoneInfo | None) -> Iterator[InitErrorDetails]:
    seen: set[tuple[datetime, datetime]] = set()
    ids: set[str] = set()
    for place, slot in slots.items():
        hours = {"starts_at": slot.starts_at, "ends_at": slot.ends_at}
        if slot.hours in seen:
            yield _fault(LISTED_BEFORE, (place,), slot)
        if slot.id in ids:
            yield _fault(NAMED_BEFORE, (place, "id"), slot.id)
        seen.add(slot.hours)
        ids |= {slot.id} if slot.id else set()
        for name, local in hours.items():
            if message := _not_on_the_clock(local, zone):
                yield _fault(message, (place, name), local)


def _fault(message: str, loc: tuple[int | str, ...], given: Any) -> InitErrorDetails:
    error = PydanticCustomError("value_error", "{error}", {"error": message})
    return InitErrorDetails(type=error, loc=loc, input=given)


def _not_on_the_clock(local: datetime, zone: ZoneInfo | None) -> str | None:
    """Why the clocks there never show this time, or show it twice; None if they show it once."""
    if zone is None:
        return None
    first, second = (local.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    if first == second or first is None or second is None:
        return None
    return NO_SUCH_HOUR if first < second else TWICE_THAT_DAY
