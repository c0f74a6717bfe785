"""Days and hours as people write them in France, and as spreadsheets hand them over.

« 17/11/2026 », « mardi 17 nov. », « du 16 au 20 novembre », « 17, 18 et 19/11 », 46343;
« 9h », « 9 h 30 à midi », 0.375; « 17/11 de 9h à 12h et de 14h à 17h ; 18/11 14h-16h ».
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from backbone.campaign.dates import DAYS

from .sheet_faults import Unreadable
from .sheet_plain import unaccented

MOST_DAYS = 30
A_DAY = "Indiquez un jour, par exemple 17/11/2026."
AN_HOUR = "Indiquez une heure, par exemple 9h30."
A_PAIR = "Indiquez une heure de début et une heure de fin, par exemple 9h-12h."
MONTH_FIRST = "Écrivez le jour avant le mois : {day:02}/{month:02}/{year}."
NO_SUCH_DAY = "Ce jour n’existe pas ; indiquez-en un, par exemple 17/11/2026."
ANOTHER_WEEKDAY = "Le {day} est un {weekday} : corrigez le jour ou la date."
TOO_LONG = f"Cette période dépasse {MOST_DAYS} jours : vérifiez les dates."
BACKWARDS = "La fin de la période vient avant son début : vérifiez les dates."
WITHOUT_MONTH = "Indiquez le mois, par exemple 17/11/2026."

WEEKDAYS = DAYS
MONTHS = ("janv", "fev", "mars", "avr", "mai", "juin", "juil", "aout", "sept", "oct", "nov", "dec")
"""How each begins, without accents."""
_REST = "ier|rier|vier|r|il|let|embre|obre|t"
_MONTH = rf"(?P<name>{'|'.join(MONTHS)})(?:{_REST})?"
_SLASH = r"\s?[/.-]\s?"
_MINUTES = (
    rf"[0-5]\d)(?!\d|\s?[/.]\d|\s?h|\s*(?:{'|'.join(MONTHS)}))"  # not those of « 12h 18/11 », « 12h 18 novembre »
)
_TOKEN = re.compile(
    r"(?P<iso>(?P<iy>\d{4})-(?P<im>\d{1,2})-(?P<id>\d{1,2})(?:t(?=\d))?)"
    rf"|(?P<num>(?P<nd>\d{{1,2}}){_SLASH}(?P<nm>\d{{1,2}}){_SLASH}(?P<ny>\d{{4}}|\d{{2}})(?![\d:h]))"
    rf"|(?P<word>(?P<wd>\d{{1,2}})(?:\s?er)?[\s.-]*{_MONTH}\b\.?"
    r"(?:[\s-]*(?P<wy>20\d{2}|\d{2}(?![\d:h/]|\s?h)))?)"
    r"|(?P<short>(?P<sd>\d{1,2})/(?P<sm>\d{1,2})(?![\d/:h]))"
    rf"|(?P<hour>(?P<hh>\d{{1,2}})\s?(?:h(?:(?:eures?)?\b(?:[ \u00a0\u202f]?(?P<hm>{_MINUTES})?|(?P<hx>[0-5]\d)(?!\d))"
    r"|:(?P<hc>\d{2})(?::\d{2}(?:\.\d+)?)?)(?:\s?(?:min|mn))?)"
    r"|(?P<midi>midi|minuit)"
    r"|(?P<serial>\d{5}(?:[.,]\d+)?)"
    r"|(?P<bare>(?P<bd>\d{1,2})(?:\s?er)?(?!\d|[.,]\d))"
    rf"|(?P<weekday>(?:{'|'.join(WEEKDAYS)})s?\b|(?:lun|mar|mer|jeu|ven|sam|dim)\b\.?)"
    r"|(?P<to>(?:jusqu\W?)?\b(?:au|a)\b|jusque\b|[-–—→>]+)"
    r"|(?P<and>\bet\b|\bpuis\b|\bou\b|[;,/&+|\n])"
    r"|(?P<filler>\b(?:le|les|du|de|des|d|entre|dates?|jours?|horaires?|heures?|creneaux?)\b|[\s:.()’']+)",
)
_FROM_1900, _FROM_1904 = date(1899, 12, 30), date(1904, 1, 1)


@dataclass(frozen=True)
class Opening:
    """From one moment to another, by the clocks of the place."""

    starts: datetime
    ends: datetime

    def as_slot(self) -> dict[str, str]:
        """As a draft has it."""
        return {"starts_at": self.starts.isoformat("T", "minutes"), "ends_at": self.ends.isoformat("T", "minutes")}


@dataclass
class Moments:
    """Some days, and the hours that hold on each of them: in pairs, or the one hour that was written."""

    days: list[date] = field(default_factory=list)
    hours: list[time] = field(default_factory=list)
    is_span: list[bool] = field(default_factory=list)
    """Of each hour: whether it ends what the one before it begins."""

    def pairs(self) -> list[tuple[time, time]]:
        """The hours two by two. Raises Unreadable where one is alone, or two are a list."""
        firsts, seconds = self.hours[::2], self.hours[1::2]
        if len(firsts) != len(seconds) or not all(self.is_span[1::2]) or any(self.is_span[::2]):
            raise Unreadable(A_PAIR)
        return list(zip(firsts, seconds, strict=True))


@lru_cache(maxsize=4096)  # the cells of a file say the same days and hours, over and over
def read_moments(text: str, year: int) -> tuple[Moments, ...]:
    """What a cell says of days and hours; `year` is that of a day without one. Raises Unreadable."""
    return tuple(_Sentence(year).read(text))


def read_days(text: str, year: int) -> list[date]:
    """The days of a cell that has no hours. Raises Unreadable."""
    found = read_moments(text, year)
    if not found or any(one.hours or not one.days for one in found):
        raise Unreadable(A_DAY)
    return [day for one in found for day in one.days]


def read_hours(text: str) -> list[time]:
    """The hours of a cell: « 9h », « 9h30, 14h », 0.375, 9,5, 1400. Raises Unreadable."""
    if (number := _as_number(text)) is not None:
        return [_hour_of(number, text)]
    return _hours_alone(text, AN_HOUR).hours


def read_spans(text: str) -> list[tuple[time, time]]:
    """The hours of a cell, two by two: « 9h-12h et 14h-17h ». Raises Unreadable."""
    return _hours_alone(text, A_PAIR).pairs()


def _hours_alone(text: str, wanted: str) -> Moments:
    try:
        found = read_moments(text, 2000)
    except Unreadable:
        raise Unreadable(wanted) from None
    if len(found) != 1 or found[0].days or not found[0].hours:
        raise Unreadable(wanted)
    return found[0]


def openings(days: Sequence[date], pairs: Sequence[tuple[time, time]]) -> list[Opening]:
    """On each of the days, at each of the hours. Until midnight is until the end of that day."""
    return [opening(day, first, day, last) for day in days for first, last in pairs]


def opening(first_day: date, first: time, last_day: date, last: time) -> Opening:
    """One opening."""
    until = last_day + timedelta(days=1) if last == time(0) and last_day == first_day else last_day
    return Opening(datetime.combine(first_day, first), datetime.combine(until, last))


def days_between(first: date, last: date) -> list[date]:
    """All of them, both ends included. Raises Unreadable."""
    if last < first:
        raise Unreadable(BACKWARDS)
    if (last - first).days >= MOST_DAYS:
        raise Unreadable(TOO_LONG)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


class _Sentence:
    """Reads from left to right; a day behind hours begins a new sentence."""

    def __init__(self, year: int) -> None:
        self._year = year
        self._found: list[Moments] = []
        self._now = Moments()
        self._waiting: list[tuple[int, bool]] = []  # days whose month comes later, and whether a span ends there
        self._link: str | None = None
        self._weekday: str | None = None

    def read(self, text: str) -> list[Moments]:
        for match in _tokens(unaccented(text).casefold()):
            self._take(match, match.lastgroup or "")
        if self._waiting:
            raise Unreadable(WITHOUT_MONTH)
        return [one for one in [*self._found, self._now] if one.days or one.hours]

    def _take(self, match: re.Match[str], kind: str) -> None:
        if kind in ("to", "and"):
            # « , au » is a span: of two words between two moments the one that means more
            self._link = "to" if "to" in (self._link, kind) else match[0]
        elif kind == "weekday":
            self._weekday = match["weekday"]
        elif kind in _MOMENT:
            _MOMENT[kind](self, match)
        elif kind != "filler":
            self._day(_date(match, self._year))

    def _day(self, day: date) -> None:
        self._check_weekday(day)
        waiting, self._waiting = self._waiting, []
        for number, is_end in waiting:
            self._add(_in_month(number, day), is_end=is_end)
        self._add(day, is_end=self._link == "to")
        self._link = None

    def _bare(self, number: int) -> None:
        if self._now.hours:
            self._turn()
        self._waiting.append((number, self._link == "to"))
        self._link = self._weekday = None

    def _add(self, day: date, *, is_end: bool) -> None:
        if self._now.hours:
            self._turn()
            is_end = False
        days = self._now.days
        days += days_between(days[-1], day)[1:] if is_end and days else [day]
        if len(days) > MOST_DAYS:
            raise Unreadable(TOO_LONG)

    def _turn(self) -> None:
        self._found.append(self._now)
        self._now = Moments()

    def _hour(self, hour: time) -> None:
        if self._waiting:
            raise Unreadable(WITHOUT_MONTH)
        is_alone = len(self._now.hours) % 2 == 1
        self._now.is_span.append(is_alone and self._link in ("to", "/"))  # « 10h/12h », but « 9h-12h / 14h-17h »
        self._now.hours.append(hour)
        self._link = None

    def _serial(self, text: str) -> None:
        number = float(text.replace(",", "."))
        self._add(_of_serial(int(number), self._year), is_end=self._link == "to")
        if number % 1:
            self._hour(_fraction(number % 1))
        self._link = None

    def _check_weekday(self, day: date) -> None:
        said, self._weekday = self._weekday, None
        if said and not WEEKDAYS[day.weekday()].startswith(said.rstrip(".")[:3]):
            day_in_words = f"{day.day:02}/{day.month:02}/{day.year}"
            raise Unreadable(ANOTHER_WEEKDAY.format(day=day_in_words, weekday=WEEKDAYS[day.weekday()]))


_MOMENT: Mapping[str, Callable[[_Sentence, re.Match[str]], None]] = {
    "hour": lambda sentence, match: sentence._hour(_clock(match)),
    "midi": lambda sentence, match: sentence._hour(_clock(match)),
    "bare": lambda sentence, match: sentence._bare(int(match["bd"])),
    "serial": lambda sentence, match: sentence._serial(match["serial"]),
}


def _tokens(text: str) -> Iterator[re.Match[str]]:
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise Unreadable(A_DAY)
        yield match
        at = match.end()


def _date(match: re.Match[str], year: int) -> date:
    if match["iso"]:
        return _real(int(match["iy"]), int(match["im"]), int(match["id"]))
    if match["num"]:
        return _real(_whole(match["ny"]), int(match["nm"]), int(match["nd"]))
    if match["short"]:
        return _real(year, int(match["sm"]), int(match["sd"]))
    month = MONTHS.index(match["name"]) + 1
    return _real(_whole(match["wy"]) if match["wy"] else year, month, int(match["wd"]))


def _whole(year: str) -> int:
    return int(year) if len(year) == 4 else 2000 + int(year)


def _real(year: int, month: int, day: int) -> date:
    if month > 12 and day <= 12:
        raise Unreadable(MONTH_FIRST.format(day=month, month=day, year=year))
    try:
        return date(year, month, day)
    except ValueError:
        raise Unreadable(NO_SUCH_DAY) from None


def _in_month(number: int, later: date) -> date:
    """« 30 novembre » of « du 28 au 30 novembre » says the month of the 28th."""
    return _real(later.year, later.month, number)


def _of_serial(days: int, year: int) -> date:
    """A day as a spreadsheet counts it: from 1900, or from 1904 where only that is near the edition."""
    from_1900, from_1904 = _FROM_1900 + timedelta(days=days), _FROM_1904 + timedelta(days=days)
    is_near = abs(from_1900.year - year) <= 1 or abs(from_1904.year - year) > 1
    return from_1900 if is_near else from_1904


def _clock(match: re.Match[str]) -> time:
    if match["midi"]:
        return time(12) if match["midi"] == "midi" else time(0)
    hour, minute = int(match["hh"]), int(match["hm"] or match["hx"] or match["hc"] or 0)
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        raise Unreadable(AN_HOUR)
    return time(hour % 24, minute)


def _as_number(text: str) -> float | None:
    plain = text.strip().replace(",", ".")
    return float(plain) if re.fullmatch(r"\d{1,4}(?:\.\d+)?", plain) else None


def _hour_of(number: float, text: str) -> time:
    if number < 1 and re.search(r"[.,]", text):  # of a day, as a spreadsheet counts
        return _fraction(number)
    if number <= 24 and number * 4 % 1 == 0:  # 9,5 is half past nine; 9,3 might be half past nine too
        return _clock_of(round(number * 60))
    if number == int(number) and number % 100 < 60:
        return _clock_of(int(number) // 100 * 60 + int(number) % 100)
    raise Unreadable(AN_HOUR)


def _fraction(of_a_day: float) -> time:
    return _clock_of(round(of_a_day * 24 * 60))


def _clock_of(minutes: int) -> time:
    if minutes > 24 * 60:
        raise Unreadable(AN_HOUR)
    return time(minutes // 60 % 24, minutes % 60)
