"""An edition's file: what stands in it, against itself and against the editions beside it. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from backbone.campaign.dates import whole_day
from backbone.campaign.edition import Edition
from backbone.campaign.palette import TEXT_CONTRAST, contrast
from backbone.campaign.working_days import end_of_working_day
from backbone.texts.lettering import set_in_type

from .findings import Finding, decide, wrong

UNDECIDED = "À décider"
"""Stands where the file of the last edition says nothing for the next."""

MONDAY, NOVEMBER = 0, 11
THEME_MOST = 80  # letters: what the poster has room for in two lines


def look_at(edition: Edition, told: Mapping[str, Any], file_name: str, others: Iterable[Edition]) -> Iterator[Finding]:
    """All that is amiss with an edition, or is for a person to decide. `told`: the file as TOML reads it."""
    yield from _names(edition, told, file_name)
    yield from _days(edition)
    yield from _deadlines(edition)
    yield from _words(edition)
    yield from _colours(edition)
    for other in others:
        yield from _beside(edition, other)
    yield from _assumed(edition)


def _names(edition: Edition, told: Mapping[str, Any], file_name: str) -> Iterator[Finding]:
    for place in _unknown(told, Edition):
        yield wrong(place, "no field of an edition is called so: is it misspelt? It would be passed over")
    if file_name != f"{edition.name}.toml":
        yield wrong("name", f"« {edition.name} » stands in a file called {file_name}")
    if edition.name != str(edition.week.first.year):
        yield wrong("name", f"« {edition.name} » is not the year of its week, {edition.week.first.year}")


def _unknown(told: Mapping[str, Any], kind: type[BaseModel], place: str = "") -> Iterator[str]:
    for name, value in told.items():
        field = kind.model_fields.get(name)
        if field is None:
            yield f"{place}{name}"
        elif isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _unknown(value, field.annotation, f"{name}.") if isinstance(value, dict) else ()


def _days(edition: Edition) -> Iterator[Finding]:
    week, window = edition.week, edition.labelling_window
    if week.first.weekday() != MONDAY or (week.last - week.first).days != 6:
        yield decide("week", f"it is no week from Monday to Sunday: {_span(week.first, week.last)}")
    if NOVEMBER not in (week.first.month, week.last.month):
        yield decide("week", f"it is not in November: {_span(week.first, week.last)}")
    if window.first > week.first or window.last < week.last:
        yield wrong("labelling_window", "it leaves out a day of the week: events of that day would be refused")


def _deadlines(edition: Edition) -> Iterator[Finding]:
    opens, last_day = edition.registration.opens, edition.registration.last_day
    if last_day < opens:
        yield wrong("registration", f"it ends ({last_day}) before it opens ({opens})")
    if last_day >= edition.week.first:
        yield wrong("registration.last_day", f"{last_day} is not before the week, which begins on {edition.week.first}")
    if opens.year != edition.week.first.year:
        yield decide("registration.opens", f"{opens} is in another year than the week")
    if not opens <= edition.map.opens <= edition.labelling_window.first:
        yield wrong("map.opens", f"{edition.map.opens} is not between the opening of registration and the first events")
    due = answered_by(edition)
    if due.date() >= edition.week.first > last_day:
        yield decide("review", f"who submits on the last day, {last_day}, may wait for a person until {due.date()}")


def answered_by(edition: Edition) -> datetime:
    """By when a person has decided on what is submitted in the last minute."""
    last_minute = datetime.combine(edition.registration.last_day, time(23, 59), ZoneInfo("Europe/Paris"))
    return end_of_working_day(last_minute, edition.review.working_days)


def _words(edition: Edition) -> Iterator[Finding]:
    texts = {"theme": edition.theme, **{f"themes.{code}": text for code, text in edition.themes.items()}}
    for about, text in texts.items():
        if UNDECIDED.casefold() in text.casefold():
            yield wrong(about, f"« {text} »: it is still to be decided")
            continue
        if not text.strip() or text != text.strip() or "  " in text:
            yield wrong(about, f"« {text} »: a space too many, or no words")
        if unicodedata.normalize("NFC", text) != text or set_in_type(text).lost_letters:
            yield wrong(about, f"« {text} »: it has letters that the kit cannot print")
        if '"' in text:
            yield wrong(about, f"« {text} »: French has « », and no straight quotation marks")
    if len(edition.theme) > THEME_MOST:
        yield decide("theme", f"it has {len(edition.theme)} letters: look whether the poster has room for it")


def _colours(edition: Edition) -> Iterator[Finding]:
    found = contrast(edition.colours.ink, edition.colours.paper)
    if found < TEXT_CONTRAST:
        yield wrong("colours", f"text on paper stands out by {found:.1f} to 1, and {TEXT_CONTRAST} is the least")


def _beside(edition: Edition, other: Edition) -> Iterator[Finding]:
    if other.name == edition.name:
        yield wrong("name", f"another file beside it is of « {other.name} » too")
        return
    earlier, later = sorted((edition, other), key=lambda one: one.week.first)
    if later.number <= earlier.number:
        yield wrong("number", f"{later.name} is the {later.number}th, and {earlier.name} the {earlier.number}th")
    if later.registration.opens <= earlier.labelling_window.last:
        yield wrong(
            "registration.opens",
            f"{later.name} opens on {later.registration.opens}, while {earlier.name} lasts until "
            f"{earlier.labelling_window.last}: registration knows one edition at a time",
        )
    if edition.theme == other.theme:
        yield wrong("theme", f"it is that of {other.name}")


def _assumed(edition: Edition) -> Iterator[Finding]:
    for fact, source in edition.sources.items():
        if source.strip().casefold().startswith("assumed"):
            yield decide(fact, " ".join(source.split()))


def _span(first: date, last: date) -> str:
    return f"{first} ({whole_day(first)}) to {last} ({whole_day(last)})".replace("\u00a0", " ")
