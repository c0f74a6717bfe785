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
FACTS = SimpleNamespace(
    top=207, label=25, width=97, height=62, gap=3, leading=1.22, sizes=(15, 14, 13, 12, 11), lines=2
)
DOOR = SimpleNamespace(sizes=(9.5, 9, 8.5, 8, 7.5, 7, 6.5), width=47, height=9.5, leading=1.15)
_LOOSE_ENDS = " \u00a0\u202f:;,·–—-/|"
BREAK = "\n"  # where a line is broken first, if it must be


@dataclass(frozen=True)
class Fact:
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
    facts: tuple[Fact, ...]
    facts_size: float
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
    facts, facts_size = _fit_facts(event)
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
        facts=facts,
        facts_size=facts_size,
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
    return title, size, balance(title, black, size, HEADLINE.width)


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


def _fit_facts(event: PublicEvent) -> tuple[tuple[Fact, ...], float]:
    """The facts, broken into lines, at the largest size at which they fit; failing that with the dates
    summed up; failing that with long lines cut."""
    place = (
        Fact("Où", name_place(event)),
        Fact("Entrée", (name_admission(event.admission, is_free=event.is_free),)),
        Fact("Public", (name_audiences(event.audiences),), strong=0),
    )
    dates, summed = _tell_dates(event), _sum_dates_up(event)
    for facts in ((dates, *place), (summed, *place)):
        known = [fact for fact in facts if any(fact.lines)]
        for size in FACTS.sizes:
            broken = [_break(fact, size) for fact in known]
            if _height(broken, size) <= FACTS.height:
                return tuple(broken), size
    return tuple(_break(_shorten(fact, size), size) for fact in known), size


def _tell_dates(event: PublicEvent) -> Fact:
    openings = group_slots(event.slots, event.timezone)
    zone = [f"({name_zone(event.timezone)})"] if event.venue is None and name_zone(event.timezone) else []
    if len(openings) == 1:
        hours = " ".join([openings[0].hours, *zone])
        return Fact("Quand", (_capital(openings[0].days), hours) if hours else (_capital(openings[0].days),))
    dates = [_capital(f"{opening.days},{BREAK}{opening.hours}".strip(f",{BREAK}")) for opening in openings]
    return Fact("Quand", (*dates, *zone), strong=len(dates))


def _sum_dates_up(event: PublicEvent) -> Fact:
    zone = ZoneInfo(event.timezone)
    days = sorted({slot.starts_at.astimezone(zone).date() for slot in event.slots})
    return Fact("Quand", (_capital(name_days(days)), f"{len(event.slots)} horaires : voir le programme"))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _break(fact: Fact, size: float) -> Fact:
    paragraphs = [_wrap_fact(line, _face_of(fact, index), size) for index, line in enumerate(fact.lines)]
    strong = sum(len(lines) for lines in paragraphs[: fact.strong])
    return replace(fact, lines=tuple(line for lines in paragraphs for line in lines), strong=strong)


def _wrap_fact(line: str, face: Face, size: float) -> list[str]:
    whole = line.replace(BREAK, " ")
    if face.measure(whole, size) <= FACTS.width:
        return [whole]
    return [part for half in line.split(BREAK) for part in balance(half, face, size, FACTS.width)]


def _shorten(fact: Fact, size: float) -> Fact:
    lines = (
        clip(line, _face_of(fact, index), size, width=FACTS.width, lines=FACTS.lines)
        for index, line in enumerate(fact.lines)
    )
    return replace(fact, lines=tuple(lines))


def _height(facts: Sequence[Fact], size: float) -> float:
    lines = sum(len(fact.lines) for fact in facts)
    return float(lines * size * FACTS.leading * MM_PER_PT + FACTS.gap * (len(facts) - 1))


def _face_of(fact: Fact, index: int) -> Face:
    return face("display-bold.ttf" if index < fact.strong else "text-regular.ttf")
