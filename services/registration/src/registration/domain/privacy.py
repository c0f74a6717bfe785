"""What a public text may not say: its author's own name or address. An event is told to everybody, and for good."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from .draft import EventDraft

NAMED = (
    "Ce texte devient public, et votre nom y figure. "
    "Indiquez plutôt une fonction, par exemple « le service des visites »."
)
ADDRESSED = (
    "Ce texte devient public, et votre adresse électronique y figure. "
    "Indiquez plutôt une adresse de service, par exemple visites@entreprise.example, ou votre site."
)


@dataclass(frozen=True)
class Author:
    """Who writes a public text."""

    name: str
    email: str
    organisation: str


@dataclass(frozen=True)
class Disclosure:
    """A field that says who its author is, and in French what to write instead."""

    field: str
    message: str


def disclosures(draft: EventDraft, author: Author) -> list[Disclosure]:
    """The fields that would make the author's name or address public.

    An organisation may bear its founder's name, and stand so where an organisation is named.
    """
    trade_names = (draft.organisation, author.organisation)
    texts, links = dict(_texts(draft)), dict(_links(draft))
    found = [Disclosure(field, NAMED) for field, text in texts.items() if _names(text, author.name, trade_names)]
    everywhere = {"organisation": draft.organisation, **texts, **links}
    return found + [Disclosure(field, ADDRESSED) for field, text in everywhere.items() if author.email in _bare(text)]


def _texts(draft: EventDraft) -> Iterator[tuple[str, str]]:
    yield "title", draft.title
    yield "description", draft.description
    if draft.venue:
        yield "venue.name", draft.venue.name or ""
        yield "venue.street", draft.venue.street or ""
        yield "venue.city", draft.venue.city


def _links(draft: EventDraft) -> Iterator[tuple[str, str]]:
    yield "online_url", unquote(str(draft.online_url or ""))
    yield "website", unquote(str(draft.website or ""))


def _names(text: str, name: str, trade_names: tuple[str, ...]) -> bool:
    words = [word for part in name.split() if (word := _plain(part))]
    if len(words) < 2:
        return False  # a single word may be any word: « Marin », « Rose »
    person = re.compile(f"{_run(words)}|{_run([*words[1:], words[0]])}")
    text = _plain(text)
    for trade_name in map(_plain, trade_names):
        if person.search(trade_name):
            text = re.sub(_run([trade_name]), " ", text)
    return person.search(text) is not None


def _run(words: list[str]) -> str:
    return rf"\b{' '.join(words).replace(' ', ' ?')}\b"  # « InèsPayet » names her too


def _plain(text: str) -> str:
    """In small letters without accents, all signs between them blanks: « Inès  PAYET-ROUX » is « ines payet roux »."""
    letters = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.sub(r"[\W_]+", " ", bare).strip()


def _bare(text: str) -> str:
    return "".join(text.casefold().split())
