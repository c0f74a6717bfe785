"""What goes to the national service and comes back: one question and its GeoJSON, or many as rows of one CSV.

Its CSV as its own code and description have it (livingdata-co/gpf-geocodeur, `/geocodage/openapi`): columns are read by
name, `citycode` and `postcode` bound a row where it has them, and each row comes back with what was found beside it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, Field, ValidationError

from .domain import Hit


class Question(NamedTuple):
    """An address in one line, and what it is looked for within: `citycode`, `postcode` or nothing."""

    text: str
    bounds: Mapping[str, str]


class _Point(BaseModel):
    type: Literal["Point"]
    coordinates: tuple[Annotated[float, Field(ge=-180, le=180)], Annotated[float, Field(ge=-90, le=90)]]


class _Properties(BaseModel):
    type: str
    score: float = Field(ge=0, le=1)
    citycode: str
    label: str | None = None


class _Feature(BaseModel):
    geometry: _Point
    properties: _Properties

    def hit(self) -> Hit:
        longitude, latitude = self.geometry.coordinates
        told = self.properties
        return Hit(told.type, told.score, told.citycode, longitude, latitude, told.label)


class _Answer(BaseModel):
    """The part of the service's GeoJSON that is read."""

    features: list[_Feature]


def hit_in(told: Any) -> Hit | None:
    """The best hit of one question; None where it has none. Raises `ValidationError`."""
    answer = _Answer.model_validate(told)
    return answer.features[0].hit() if answer.features else None


ROW, TEXT, STATUS = "row", "q", "result_status"
BOUNDS = ("citycode", "postcode")
HAD_BACK = ("latitude", "longitude", "result_label", "result_score", "result_type", "result_citycode", STATUS)
_FOUND, _NOT_FOUND = "ok", "not-found"


def rows_of(questions: Sequence[Question]) -> bytes:
    """A CSV of one row for each, numbered from 0.

    Every cell is quoted: the reader guesses what divides cells. No line ends the last row: it would be read as one with
    too few cells, and the whole refused.
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)
    writer.writerow((ROW, TEXT, *BOUNDS))
    for number, (text, bounds) in enumerate(questions):
        writer.writerow((number, text, *(bounds.get(name, "") for name in BOUNDS)))
    return written.getvalue().rstrip("\r\n").encode()


def hits_in(told: str, questions: Sequence[Question]) -> dict[int, Hit | None]:
    """What the service has for each question, by its number in `rows_of`; without those that it did not plainly answer
    (a row that is missing, doubled, cut off, another's, or that it failed at or passed over)."""
    whole = told[: told.rfind("\n") + 1].removeprefix("\N{BYTE ORDER MARK}")
    try:
        reader = csv.DictReader(io.StringIO(whole, newline=""))
        rows = list(reader)
    except csv.Error:
        return {}
    has_status = STATUS in (reader.fieldnames or ())  # addok's own has none, and leaves the row as it was
    hits: dict[int, Hit | None] = {}
    for number, question in enumerate(questions):
        own = [row for row in rows if row.get(ROW) == str(number)]
        if len(own) == 1 and own[0].get(TEXT) == question.text:
            hits.update((number, hit) for hit in _hit_of(own[0], has_status))
    return hits


def _hit_of(row: Mapping[str, Any], has_status: bool) -> Iterable[Hit | None]:
    """None where the service knows no such place; nothing at all where this is no answer."""
    is_found = row[STATUS] == _FOUND if has_status else row.get("latitude") != ""
    if not is_found:
        return [None] if not has_status or row[STATUS] == _NOT_FOUND else []
    told = {name.removeprefix("result_"): value for name, value in row.items() if name in HAD_BACK and value}
    point = {"type": "Point", "coordinates": [told.get("longitude"), told.get("latitude")]}
    try:
        return [_Feature.model_validate({"geometry": point, "properties": told}).hit()]
    except ValidationError:
        return []
