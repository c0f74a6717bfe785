"""What somebody has typed into a step of the form, what it is in a draft, and back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time
from hashlib import blake2b
from typing import Any

from starlette.datastructures import FormData

from backbone.contracts import SlotStatus

from ...domain.announcing import is_where_it_was
from ...domain.fields import DraftPosition
from ...domain.kept import Kept
from .steps import Field, Step, Way

MOST_ROWS = 30
NO_DAY = "Indiquez le jour, par exemple 17/11/2026."
NO_START = "Indiquez l’heure de début, par exemple 9 h 30."
NO_END = "Indiquez l’heure de fin, par exemple 11 h 30."
HALF_A_PIN = "Indiquez la latitude et la longitude, en degrés, par exemple 47,2184 et −1,5536."


@dataclass
class Row:
    """A session, as it was typed."""

    day: str = ""
    start: str = ""
    end: str = ""
    last_day: str = ""
    id: str = ""
    status: str = SlotStatus.SCHEDULED

    @property
    def is_blank(self) -> bool:
        return not (self.day or self.start or self.end)


@dataclass
class Typed:
    """A step as somebody has filled it in: by the ids of its fields."""

    values: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    """What can be said of it before it is a draft: half a session, half a pin."""

    def get(self, name: str) -> Any:
        return self.values.get(name)


def typed_of(form: FormData, step: Step) -> Typed:
    """What the form says."""
    return Typed({one.id: _typed(form, one) for one in step.fields})


def _typed(form: FormData, one: Field) -> Any:
    if one.way is Way.SEVERAL:
        return [str(value) for value in form.getlist(one.id)]
    if one.way is Way.SLOTS:
        return _rows(form)
    if one.way is Way.PIN:
        return {name: _text(form, f"{one.id}-{name}") for name in ("latitude", "longitude")}
    if one.way is Way.COMMUNE:
        return _commune(form, one)
    return _text(form, one.id)


def _text(form: FormData, name: str) -> str:
    return str(form.get(name) or "").replace("\r\n", "\n").strip()


def _commune(form: FormData, one: Field) -> str:
    """The code of the commune that was chosen, if its postcode and its name still are those with which it was: where
    scripts do not run, nobody takes it back when others are typed over them."""
    found = re.fullmatch(r"((?:\d\d|2[AB])\d{3}) (.*)", _text(form, one.id), re.ASCII)
    beside = " ".join(_text(form, name) for name in ("venue-postcode", "venue-city"))
    return found[1] if found and found[2] == beside else ""


def _rows(form: FormData) -> list[Row]:
    numbers = sorted({int(found[1]) for name in form if (found := re.fullmatch(r"slots-(\d{1,2})-jour", name))})
    names = {"day": "jour", "start": "debut", "end": "fin", "last_day": "dernier-jour", "id": "id", "status": "etat"}
    return [
        Row(**{name: _text(form, f"slots-{number}-{word}") for name, word in names.items()})
        for number in numbers[:MOST_ROWS]
    ]


# --- what it is in a draft -------------------------------------------------------------------------


def given_by(typed: Typed, step: Step, *, lenient: bool = False) -> dict[str, Any]:
    """The values of the draft's fields, by name; None: nothing. Of what is typed by half, a fault is noted in `typed`,
    unless `lenient`: somebody is still writing."""
    return {one.name: _given(typed, one, lenient) for one in step.fields}


def _given(typed: Typed, one: Field, lenient: bool) -> Any:
    value = typed.get(one.id)
    if one.way is Way.SLOTS:
        return _slots(typed, value, lenient)
    if one.way is Way.PIN:
        return _position(typed, one, value, lenient)
    if one.way is Way.TICK:
        return True if value else None
    if one.way is Way.YES_NO:
        return {"oui": True, "non": False}.get(value)
    if one.way is Way.NUMBER and re.fullmatch(r"\d{1,9}", re.sub(r"\s", "", value)):
        return int(re.sub(r"\s", "", value))
    return value or None


def _slots(typed: Typed, rows: Sequence[Row], lenient: bool) -> list[dict[str, Any]] | None:
    slots = []
    for number, row in enumerate(rows):
        if row.is_blank:
            continue
        day, start, end = read_day(row.day), read_hour(row.start), read_hour(row.end)
        last = read_day(row.last_day) if row.last_day else day
        wrong = [words for known, words in ((day and last, NO_DAY), (start, NO_START), (end, NO_END)) if known is None]
        if wrong:
            if not lenient:
                typed.faults[f"slots-{number}"] = " ".join(wrong)
            continue
        slot = {"starts_at": f"{day}T{start}", "ends_at": f"{last}T{end}", "row": number}
        slots.append(slot | ({"id": row.id} if row.id else {}) | ({"status": row.status} if row.status else {}))
    return slots or None


def _position(typed: Typed, one: Field, value: Mapping[str, str], lenient: bool) -> dict[str, Any] | None:
    if not any(value.values()):
        return None
    try:
        at = {name: float(text.replace(",", ".").replace("−", "-")) for name, text in value.items()}
    except ValueError:
        if not lenient:
            typed.faults[one.id] = HALF_A_PIN
        return None
    return at | {"is_confirmed": True}


def read_position(value: Mapping[str, str], *, is_said_twice: bool = False) -> DraftPosition | None:
    """Where a pin is put, as somebody writes it; None: that is nowhere."""
    try:
        at = {name: float(text.replace(",", ".").replace("−", "-")) for name, text in value.items()}
        return DraftPosition.model_validate(at | {"is_confirmed": True, "is_confirmed_twice": is_said_twice})
    except ValueError:
        return None


def read_day(text: str) -> str | None:
    """« 2026-11-17 » of what a browser sends, or somebody types in one that knows no calendar: « 17/11/2026 »."""
    with suppress(ValueError):
        return date.fromisoformat(text).isoformat()
    if found := re.fullmatch(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})", text):
        with suppress(ValueError):
            return date(int(found[3]), int(found[2]), int(found[1])).isoformat()
    return None


def read_hour(text: str) -> str | None:
    """« 09:30 » of « 09:30 », « 9h30 », « 9 h »."""
    if found := re.fullmatch(r"(\d{1,2})\s*(?:[:hH]\s*(\d{2})?)?(?::\d{2})?", text):
        with suppress(ValueError):
            return time(int(found[1]), int(found[2] or 0)).isoformat("minutes")
    return None


# --- the draft with it -----------------------------------------------------------------------------


def merged(kept: Kept, given: Mapping[str, Any]) -> Kept:
    """The draft with these values in place of those that it had."""
    draft = {name: value for name, value in kept.items() if name != "venue"}
    venue = dict(kept.get("venue") or {})
    for name, value in given.items():
        room, leaf = (venue, name.removeprefix("venue.")) if name.startswith("venue.") else (draft, name)
        room.pop(leaf, None)
        if value is not None:
            room[leaf] = [_slot(one) for one in value] if name == "slots" else value
    if (known := kept.get("venue")) and is_where_it_was(venue, known):
        venue["position"] = known["position"]  # with all that was said of it
    return draft | ({"venue": venue} if venue else {})


def _slot(one: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name != "row"}


def leaf_of(kept: Kept, name: str) -> Any:
    """A value of the draft as it is kept, by its dotted name."""
    room: Any = kept
    for part in name.split("."):
        room = room.get(part) if isinstance(room, Mapping) else None
    return room


def as_kept(kept: Kept, step: Step) -> dict[str, Any]:
    """What the draft says in this step."""
    return {one.name: leaf_of(kept, one.name) for one in step.fields}


def version_of(kept: Kept, step: Step) -> str:
    """Names what the draft says in this step: who changes it meanwhile changes the name."""
    said = json.dumps(as_kept(kept, step), sort_keys=True, default=str)
    return blake2b(said.encode(), digest_size=9).hexdigest()


# --- and back --------------------------------------------------------------------------------------


def shown_of(kept: Kept, step: Step) -> Typed:
    """The step as the draft fills it in."""
    return Typed({one.id: _shown(leaf_of(kept, one.name), one) for one in step.fields})


def _shown(value: Any, one: Field) -> Any:
    if one.way is Way.SLOTS:
        return [_row(slot) for slot in value] if isinstance(value, list) and value else [Row()]
    if one.way is Way.SEVERAL:
        return list(value) if isinstance(value, list) else []
    if one.way is Way.PIN:
        at = value if isinstance(value, Mapping) else {}
        return {name: str(at.get(name, "")) for name in ("latitude", "longitude")}
    if one.way is Way.YES_NO:
        return {True: "oui", False: "non"}.get(value, "")
    if one.way is Way.TICK:
        return "oui" if value else ""
    return "" if value is None else str(value)


def _row(slot: Any) -> Row:
    try:
        starts, ends = datetime.fromisoformat(slot["starts_at"]), datetime.fromisoformat(slot["ends_at"])
    except (TypeError, ValueError, LookupError):  # kept under other rules
        return Row()
    last = ends.date().isoformat() if ends.date() != starts.date() else ""
    return Row(
        day=starts.date().isoformat(),
        start=starts.time().isoformat("minutes"),
        end=ends.time().isoformat("minutes"),
        last_day=last,
        id=str(slot.get("id") or ""),
        status=slot.get("status") or SlotStatus.SCHEDULED,
    )


def names_of_rows(given: Mapping[str, Any]) -> list[int]:
    """The number of the row that each session was typed in."""
    return [slot["row"] for slot in given.get("slots") or ()]
