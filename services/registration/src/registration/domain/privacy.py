"""What a public text may not say: its author's own name or address. An event is told to everybody, and for good."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from backbone.texts.pasted import skeleton

from .draft import EventDraft
from .functions import is_function, persons_in
from .kept import Kept, read_in_part
from .questions import public_texts

NAMED = (
    "Ce texte devient public, et votre nom y figure. "
    "Indiquez plutôt une fonction, par exemple « le service des visites »."
)
ADDRESSED = (
    "Ce texte devient public, et votre adresse électronique y figure. "
    "Indiquez plutôt une adresse de service, par exemple visites@entreprise.example, ou votre site."
)

# « avenue Jean Jaurès », « lycée professionnel Marie-Curie », « place du Général Leclerc »: a place, and no person
_PLACE = (
    r"(?:rue|avenue|av|boulevard|bd|bld|place|pl|quai|allees?|impasse|imp|chemin|ch|route|rte|cours|square|sq|parc|pont|passage|rond"
    r"|esplanade|mail|promenade|venelle|villa|port|gare|station|metro|arret|lycee|college|ecole|groupe scolaire|cfa|iut"
    r"|institut|universite|faculte|campus|gymnase|stade|salle|espace|centre|maison|hopital|clinique|hall|halle|amphi"
    r"|amphitheatre|theatre|auditorium|musee|fondation|residence|cite|batiment|bat|tour|mediatheque|bibliotheque|prix"
    r"|paquebot|ferry|navire|z a|za|zi|zac|technopole)"
    r"(?: (?:professionnel|polyvalent|general|technologique|technique|prive|municipale?|regional))*"
    r"(?: (?:du|de la|de l|de|des|d|docteur|dr|professeur|pr|general|marechal|president|abbe|colonel|capitaine"
    r"|commandant|amiral|saint|sainte))* $"
)
# « le marin pêcheur », « notre service des visites »: words that are somebody's name elsewhere
_DETERMINED = r"\b(?:le|la|les|l|un|une|notre|nos|votre|vos|leur|leurs|ce|cet|cette|ces) $"
_SHORTENED = re.compile(r"\b(av|bd|bld|pl|bat|imp|ch|rte|sq)\.")  # « 12 av. Jean-Jaurès » is one run of words
_BEFORE = re.compile(rf"\b{_PLACE}|{_DETERMINED}")
_MOST_BEFORE = 60  # characters that are looked at before a name


@dataclass(frozen=True)
class Author:
    """Who writes a public text."""

    name: str
    email: str
    organisation: str

    # found out once: a file may have ten thousand events of one author

    @cached_property
    def persons(self) -> list[re.Pattern[str]]:
        """What finds each person of their name in a plain text."""
        return [person for name in persons_in(self.name) if (person := _person(name))]

    @cached_property
    def _words(self) -> list[list[str]]:
        return [re.findall(r"[^\W_]+", skeleton(name)) for name in persons_in(self.name)]

    def may_be_in(self, text: str) -> bool:
        """Whether all words of a person of their name are in a text: most have none, and need no closer look."""
        plain = skeleton(text)
        return any(all(word in plain for word in words) for words in self._words)

    @cached_property
    def has_telling_address(self) -> bool:
        """Whether their address is a person's: « ines.payet@ », « ipayet@ », and not « visites@ »."""
        mailbox = re.sub(r"\W|_", "", skeleton(self.email.split("@")[0]))
        names = (word for person in persons_in(self.name) for word in re.findall(r"\w{3,}", skeleton(person)))
        return any(name in mailbox for name in names) and not is_function(mailbox)


@dataclass(frozen=True)
class Disclosure:
    """A field that says who its author is, and in French what to write instead."""

    field: str
    message: str


def names(kept: Kept, author: Author) -> bool:
    """Whether a draft, however it was kept, says who wrote it."""
    said = json.dumps(kept, ensure_ascii=False).casefold()
    draft, _ = read_in_part(kept)
    return author.email.casefold() in said or author.name.casefold() in said or bool(disclosures(draft, author))


def disclosures(draft: EventDraft, author: Author) -> list[Disclosure]:
    """The fields that would make the author's name or address public.

    A name is looked for in what is told of an event, not in where it is: a street, a town or a house may bear
    anybody's name. An organisation may bear its founder's name, and stand so where an organisation is named. An
    address is the author's own where their name is in it; one of a function is what the organiser is advised to give.
    """
    texts = dict(public_texts(draft))
    told = {field: _plain(text) for field, text in texts.items() if field in _TOLD and author.may_be_in(text)}
    trade_names = [_plain(name) for name in (draft.organisation or "", author.organisation)] if told else []
    found = [
        Disclosure(field, NAMED)
        for field, text in told.items()
        if any(_names(text, person, trade_names) for person in author.persons)
    ]
    if not author.has_telling_address:
        return found
    everywhere = {**texts, **dict(_addresses(draft))}
    addressed = (field for field, text in everywhere.items() if "@" in text and author.email in _bare(text))
    return found + [Disclosure(field, ADDRESSED) for field in addressed]


_TOLD = frozenset(
    (
        "title",
        "description",
        "picture.credit",
        "picture.alternative_text",
        "access",
        "accessibility_note",
        "status_note",
    )
)


def _addresses(draft: EventDraft) -> Iterator[tuple[str, str]]:
    yield "online_url", unquote(str(draft.online_url or ""))
    yield "status_url", unquote(str(draft.status_url or ""))
    yield "booking_url", unquote(str(draft.booking_url or ""))
    yield "website", unquote(str(draft.website or ""))
    yield "booking_email", draft.booking_email or ""


def _person(name: str) -> re.Pattern[str] | None:
    """What finds a person in a plain text; None for a single word, which may be any word: « Marin », « Rose »."""
    words = [word for part in name.split() if (word := _plain(part).replace("|", " "))]
    return re.compile(f"{_run(words)}|{_run([*words[1:], words[0]])}") if len(words) > 1 else None


def _names(text: str, person: re.Pattern[str], trade_names: Iterable[str]) -> bool:
    """Whether the person is named in the text, both plain; not where they stand in the name of a house."""
    for trade_name in trade_names:
        if person.search(trade_name):
            text = re.sub(_run([trade_name]), "|", text)
    return any(not _BEFORE.search(text[max(0, at.start() - _MOST_BEFORE) : at.start()]) for at in person.finditer(text))


def _run(words: list[str]) -> str:
    return rf"\b{' '.join(words).replace('|', ' ').replace(' ', '[ |]?')}\b"  # « InèsPayet » names her too


def _plain(text: str) -> str:
    """In small letters without accents, with a blank for blanks, hyphens and apostrophes, a bar for other signs:
    « Inès  PAYET-ROUX. Venez » is « ines payet roux|venez »."""
    text = _SHORTENED.sub(r"\1 ", skeleton(text))
    return _SIGNS.sub(lambda signs: " " if not signs.group().strip(" '-") else "|", text).strip(" |")


_SIGNS = re.compile(r"[\W_]{2,}|[^\w ]|_")  # a single blank is one already


def _bare(text: str) -> str:
    return "".join(text.casefold().split())
