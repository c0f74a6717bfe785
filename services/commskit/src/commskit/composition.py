"""The composition of the A4 poster: what is said, how large, and where it is cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from backbone.contracts.event import PublicEvent
from backbone.texts.lettering import leaves_something, set_in_type

from .domain import (
    first_sentences,
    group_slots,
    is_online,
    is_open,
    name_admission,
    name_audiences,
    name_days,
    name_door,
    name_kind,
    name_place,
    name_zone,
    show_url,
    typeset,
)
from .fit import MM_PER_PT, Face, balance, clip, face, largest, wrap

# The sheet's measures, in mm and pt: the stylesheet places by them, the fitting below counts on them.
HEADLINE = SimpleNamespace(top=98, width=180, height=99)
KIND = SimpleNamespace(size=15, height=8.5)
TITLE = SimpleNamespace(sizes=range(120, 15, -1), leading=1.03, height=62)
ORGANISATION = SimpleNamespace(size=17, leading=1.2, gap=4, lines=2)
EXTRACT = SimpleNamespace(sizes=(18, 17, 16, 15, 14, 13), leading=1.32, gap=3, characters=320)
DETAILS = SimpleNamespace(
    top=207, label=25, width=97, height=62, gap=3, leading=1.22, sizes=(15, 14, 13, 12, 11), lines=2
)
DOOR = SimpleNamespace(sizes=(9.5, 9, 8.5, 8, 7.5, 7, 6.5), width=47, height=9.5, leading=1.15)
_LOOSE_ENDS = " \u00a0\u202f:;,·–—-/|"
BREAK = "\n"  # where a line is broken first, if it must be


@dataclass(frozen=True)
class Detail:
    """A label and the lines beside it; the first `strong` ones stand out."""

    label: str
    lines: tuple[str, ...]
    strong: int = 1


@dataclass(frozen=True)
class Poster:
    """All that one poster says, at sizes at which it fits."""

    title: str
    title_lines: tuple[str, ...]
    title_size: float
    kind: str
    organisation: str
    organisation_lines: tuple[str, ...]
    extract_lines: tuple[str, ...]
    extract_size: float
    details: tuple[Detail, ...]
    details_size: float
    is_free: bool
    door: str
    page_url: str
    url_lines: tuple[str, ...]
    url_size: float


def compose(event: PublicEvent, page_url: str) -> Poster:
    """The words of an event's poster and their sizes."""
    title, size, lines = _fit_title(_title(event))
    organisation = _fit_organisation(event.organisation)
    extract, extract_size = _fit_extract(event.description, _room_below(lines, size, organisation))
    details, details_size = _fit_details(event)
    url_lines, url_size = _fit_url(page_url)
    return Poster(
        title=title,
        title_lines=tuple(lines),
        title_size=size,
        kind=name_kind(event.kind),
        organisation=typeset(event.organisation),
        organisation_lines=tuple(organisation),
        extract_lines=tuple(extract),
        extract_size=extract_size,
        details=details,
        details_size=details_size,
        is_free=event.is_free,
        door=name_door(event.admission),
        page_url=page_url,
        url_lines=tuple(url_lines),
        url_size=url_size,
    )


def _title(event: PublicEvent) -> str:
    """What is left of « 工場見学 : visite » is « visite »; of a title that leaves nothing, the kind of event."""
    title = typeset(event.title).strip(_LOOSE_ENDS) if set_in_type(event.title).left_out else typeset(event.title)
    return title if leaves_something(title) else name_kind(event.kind)


def _fit_title(title: str) -> tuple[str, float, list[str]]:
    black = face("display-black.ttf")
    box = {"width": HEADLINE.width, "height": TITLE.height, "leading": TITLE.leading}
    size = largest(title, black, TITLE.sizes, **box)
    lines = int(TITLE.height / (size * TITLE.leading * MM_PER_PT))
    shown = clip(title, black, size, width=HEADLINE.width, lines=lines)  # no title of today's length is cut
    return title, size, balance(shown, black, size, HEADLINE.width)


def _fit_organisation(name: str) -> list[str]:
    bold = face("display-bold.ttf")
    name = clip(typeset(name), bold, ORGANISATION.size, width=HEADLINE.width, lines=ORGANISATION.lines)
    return balance(name, bold, ORGANISATION.size, HEADLINE.width)


def _fit_url(page_url: str) -> tuple[list[str], float]:
    """The address, broken after its slashes if it must be."""
    words, semibold = show_url(page_url).replace("/", "/ "), face("text-semibold.ttf")
    size = largest(words, semibold, DOOR.sizes, width=DOOR.width, height=DOOR.height, leading=DOOR.leading)
    return [line.replace(" ", "") for line in wrap(words, semibold, size, DOOR.width)], size


def _room_below(title_lines: list[str], title_size: float, organisation: list[str]) -> float:
    """The height, in mm, that the title and the organisation leave to the extract."""
    title = len(title_lines) * title_size * TITLE.leading * MM_PER_PT
    below = ORGANISATION.gap + len(organisation) * ORGANISATION.size * ORGANISATION.leading * MM_PER_PT
    return float(HEADLINE.height - KIND.height - title - below - EXTRACT.gap)


def _fit_extract(description: str, room: float) -> tuple[list[str], float]:
    regular, text = face("text-regular.ttf"), first_sentences(description, EXTRACT.characters)
    box = {"width": HEADLINE.width, "height": room, "leading": EXTRACT.leading}
    size = largest(text, regular, EXTRACT.sizes, **box)
    lines = int(room / (size * EXTRACT.leading * MM_PER_PT))
    characters = lines * HEADLINE.width / regular.measure("e", size)
    text = clip(first_sentences(text, int(characters)), regular, size, width=HEADLINE.width, lines=lines)
    return wrap(text, regular, size, HEADLINE.width), size


def _fit_details(event: PublicEvent) -> tuple[tuple[Detail, ...], float]:
    """The details, broken into lines, at the largest size at which they fit; failing that with the dates
    summed up; failing that with long lines cut."""
    place = (
        Detail("Où", name_place(event)),
        Detail("Entrée", (name_admission(event.admission, is_free=event.is_free),)),
        Detail("Public", (name_audiences(event.audiences),), strong=0),
    )
    dates, summed = _tell_dates(event), _sum_dates_up(event)
    for details in ((dates, *place), (summed, *place)):
        known = [detail for detail in details if any(detail.lines)]
        for size in DETAILS.sizes:
            broken = [_break(detail, size) for detail in known]
            if _height(broken, size) <= DETAILS.height:
                return tuple(broken), size
    return tuple(_break(_shorten(detail, size), size) for detail in known), size


def _tell_dates(event: PublicEvent) -> Detail:
    openings = group_slots(filter(is_open, event.slots), event.timezone)
    zone = [f"({name_zone(event.timezone)})"] if is_online(event) and name_zone(event.timezone) else []
    if len(openings) == 1:
        hours = " ".join([openings[0].hours, *zone])
        return Detail("Quand", (_capital(openings[0].days), hours) if hours else (_capital(openings[0].days),))
    dates = [_capital(f"{opening.days},{BREAK}{opening.hours}".strip(f",{BREAK}")) for opening in openings]
    return Detail("Quand", (*dates, *zone), strong=len(dates))


def _sum_dates_up(event: PublicEvent) -> Detail:
    zone = ZoneInfo(event.timezone)
    slots = list(filter(is_open, event.slots))
    days = sorted({slot.starts_at.astimezone(zone).date() for slot in slots})
    return Detail("Quand", (_capital(name_days(days)), f"{len(slots)} horaires : voir le programme"))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _break(detail: Detail, size: float) -> Detail:
    paragraphs = [_wrap_detail(line, _face_of(detail, index), size) for index, line in enumerate(detail.lines)]
    strong = sum(len(lines) for lines in paragraphs[: detail.strong])
    return replace(detail, lines=tuple(line for lines in paragraphs for line in lines), strong=strong)


def _wrap_detail(line: str, face: Face, size: float) -> list[str]:
    whole = line.replace(BREAK, " ")
    if face.measure(whole, size) <= DETAILS.width:
        return [whole]
    return [part for half in line.split(BREAK) for part in balance(half, face, size, DETAILS.width)]


def _shorten(detail: Detail, size: float) -> Detail:
    lines = (
        clip(line, _face_of(detail, index), size, width=DETAILS.width, lines=DETAILS.lines)
        for index, line in enumerate(detail.lines)
    )
    return replace(detail, lines=tuple(lines))


def _height(details: Sequence[Detail], size: float) -> float:
    lines = sum(len(detail.lines) for detail in details)
    return float(lines * size * DETAILS.leading * MM_PER_PT + DETAILS.gap * (len(details) - 1))


def _face_of(detail: Detail, index: int) -> Face:
    return face("display-bold.ttf" if index < detail.strong else "text-regular.ttf")
