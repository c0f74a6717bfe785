"""What the rules say of a draft, as the form says it: of its own fields, in its own words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from backbone.http.problems import field_errors

from ...domain.checking import Checked
from .steps import FIELDS, field_of, step_of

_NAMES = "|".join(sorted({name.rpartition(".")[2] for name in FIELDS} | {"venue", "id", "confirmed"}, key=len)[::-1])
_FOR_PROGRAMS = re.compile(rf"\s\((?:{_NAMES}|true|false)(?:, (?:{_NAMES}))*\)")
_NAMED = re.compile(rf"« ({_NAMES}) »")
_LABELS = {name.rpartition(".")[2]: field.label for name, field in FIELDS.items()} | {
    "city": "La commune",
    "postcode": "Le code postal",
}
_CONFIRM = re.compile(r"\s*Si oui, confirmez .*$", re.DOTALL)


def in_words(message: str) -> str:
    """A sentence of the rules without the names that programs give to fields."""
    return _NAMED.sub(lambda found: f"« {_LABELS.get(found[1], found[1])} »", _FOR_PROGRAMS.sub("", message))


def asked_in_words(message: str) -> str:
    """A question of the rules without how a program answers it."""
    return _CONFIRM.sub("", in_words(message))


@dataclass(frozen=True)
class Point:
    """Something about a field: wrong, missing, or asked."""

    label: str
    message: str
    address: str
    """Where it is mended."""
    name: str = ""
    """The field, as the rules name it."""


@dataclass(frozen=True)
class Said:
    """All that is said of a draft."""

    faults: Sequence[Point]
    missing: Sequence[Point]
    questions: Sequence[Point]

    @property
    def is_whole(self) -> bool:
        return not (self.faults or self.missing)


def said_of(event_id: UUID, checked: Checked) -> Said:
    """What the rules say of the draft, each with the way to where it is mended."""
    errors = [(one["field"], one["message"]) for one in field_errors(checked.faults)]
    named = [(one.field, one.message) for one in checked.disclosures]
    return Said(
        faults=_points(event_id, [*errors, *named]),
        missing=_points(event_id, [(one.field, one.message) for one in checked.missing]),
        questions=[_point(event_id, one.field, asked_in_words(one.message)) for one in checked.questions],
    )


def _points(event_id: UUID, told: Iterable[tuple[str, str]]) -> list[Point]:
    return [_point(event_id, name, in_words(message)) for name, message in told]


def _point(event_id: UUID, name: str, message: str) -> Point:
    field = field_of(name)
    if name == "venue" and field:
        return Point("Un lieu, ou une adresse de connexion", message, f"/evenements/{event_id}/modifier/ou", name)
    if name.split(".")[0] == "picture":
        return Point("L’image", message, f"/evenements/{event_id}/image", name)
    if field is None:
        return Point("L’événement", message, f"/evenements/{event_id}/modifier", name)
    address = f"/evenements/{event_id}/modifier/{step_of(field).name}#{field.id}"
    return Point(field.label, message, address, name)


def faults_in_form(errors: Sequence[Mapping[str, Any]], rows: Sequence[int] = ()) -> dict[str, str]:
    """Pydantic's errors by the ids of the form's fields, the first of each; `rows`: where each session was typed."""
    faults: dict[str, str] = {}
    for one in field_errors(errors):
        faults.setdefault(id_of(one["field"], rows), in_words(one["message"]))
    return faults


def id_of(name: str, rows: Sequence[int] = ()) -> str:
    """« slots-2 » of « slots.1.starts_at », if the second session was typed in the third row."""
    parts = name.split(".")
    if parts[0] == "slots" and len(parts) > 1 and parts[1].isdigit():
        place = int(parts[1])
        return f"slots-{rows[place] if place < len(rows) else place}"
    field = field_of(name)
    return field.id if field else name
