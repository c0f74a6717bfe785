"""All that people read in an edition's name, really made for it of a sample event: mails, kit, pages.

Whatever year stands in them must be the edition's: another one was left over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, time

from backbone.campaign.edition import Edition, Editions

from ..mail import letters_of
from .findings import Finding, wrong

_YEAR = re.compile(r"(?<![\w/#.-])20[1-9][0-9](?![\w-])")
_TAG = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<[^>]+>", re.DOTALL)
_OF_THE_BASEMAP = re.compile(r"Admin Express\s+20\d\d")
_INTO_THE_NEXT_YEAR = frozenset({"mail attendance"})  # its numbers are corrected until January
_HOLE = re.compile(r"\{\{|\}\}|\{%|\bNone\b|\bundefined\b|@@")


def all_words(edition: Edition) -> dict[str, str]:
    """What people read, by where: each mail (its subject too), each piece of the kit, each page of the map."""
    return dict([*_mails(edition), *_kit(edition), *_pages(edition)])


def look_through(words: Mapping[str, str], edition: Edition, others: Iterable[Edition]) -> Iterator[Finding]:
    """The texts in which another year or theme stands, or a place that nothing was put into."""
    themes = {other.theme: other.name for other in others if other.theme != edition.theme}
    for where, text in words.items():
        text = _OF_THE_BASEMAP.sub("", text)
        meant = {edition.name, str(edition.registration.opens.year)}
        if where in _INTO_THE_NEXT_YEAR:
            meant.add(str(edition.week.last.year + 1))
        years = sorted({*_YEAR.findall(text)} - meant)
        if years:
            yield wrong(where, f"{', '.join(years)} stands in it: « {_around(text, years[0])} »")
        for theme in themes:
            if _plain(theme) in _plain(text):
                yield wrong(where, f"the theme of {themes[theme]} stands in it")
        if hole := _HOLE.search(text):
            yield wrong(where, f"something was not filled in: « {_around(text, hole[0])} »")


def _mails(edition: Edition) -> Iterable[tuple[str, str]]:
    letters = letters_of(edition)
    return [(f"mail {name}", f"{one.subject}\n{one.text}\n{_TAG.sub(' ', one.html)}") for name, one in letters.items()]


def _kit(edition: Edition) -> Iterable[tuple[str, str]]:
    from pypdfium2 import PdfDocument  # type: ignore[import-untyped]

    from commskit.domain import Look  # here: what draws takes its time to load
    from commskit.previews import sample_kit

    for name, content in sample_kit(Look.of(edition)).items():
        if name.endswith(".pdf"):
            pages = [page.get_textpage().get_text_bounded() for page in PdfDocument(content)]
            yield f"kit {name}", "\n".join(pages)
        elif name.endswith(".ics"):
            yield f"kit {name}", _without_stamps(content.decode())


def _without_stamps(calendar: str) -> str:
    # rules of the clocks, and when they began
    return re.sub(r"BEGIN:VTIMEZONE.*?END:VTIMEZONE", "", calendar, flags=re.DOTALL)


def _pages(edition: Edition) -> Iterable[tuple[str, str]]:
    from map_feed.domain.search import ListQuery
    from map_feed.legal import load_texts
    from map_feed.pages import Pages, Results

    pages = Pages(Editions(edition, {edition.name: edition}), "https://carte.example", "/static", load_texts(None))
    now = datetime.combine(edition.map.opens, time(12), UTC)
    made = {"closed": pages.closed(edition), "list": pages.index(edition, Results(ListQuery(), [], now))}
    return [(f"page {name}", _TAG.sub(" ", page)) for name, page in made.items()]


def _plain(text: str) -> str:
    return " ".join(text.replace("’", "'").split()).casefold()


def _around(text: str, found: str) -> str:
    at = text.find(found)
    return " ".join(text[max(0, at - 40) : at + 40].split())
