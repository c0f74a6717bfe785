"""What a title says, beside the campaign's name, the organisation's and the words that every second title has.

Two titles are held against each other word by word. Letters that neighbour each other (the trigrams of `pg_trgm`) would
take « Atelier soudure » for « Atelier peinture », « Visite 1 » for « Visite 2 », and other words for another event.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache


def _set_of(words: str) -> frozenset[str]:
    return frozenset(words.split())


_LITTLE = _set_of(
    """
    a afin ai ainsi an as au aussi autour aux avec c ce ces cet cette chez comme comment d dans de des du elle
    en entre es est et faire fait grand grande il ils j je l la le les leur leurs lors m ma mais me mes n ne nos
    notre nous on ont ou par pas plus pour pres qu que quel quelle qui quoi s sa sans se ses si son sont sous
    sur t ta tes ton tour tous tout toute toutes un une vers vos votre vous y
    """
)
_USUAL = _set_of(
    """
    accueil animation atelier bienvenue coeur commentee conference coulisses debat decouverte decouvrez
    decouvrir demonstration devenir emploi entreprise essai essayer essayez evenement explorer explorez
    exposition forum guide guidee heure immersion industrie industriel industrielle initiation interactif
    interactive jeu journee jpo metier ouvert ouverte ouverture ouvre porte presentation production
    professionnel recrute recrutement recruter recrutons rencontre rencontrer rencontrez ronde salle secret
    simulateur site special stage table usine venez venir virtuel virtuelle realite visite visiter visitez vivre
    vivez voir voyage zoom
    """
)
"""Words that every second title has, without their plural: alone they are no likeness."""
_LIGHT = 0.3
"""What such a word weighs, where another weighs one."""
_KINDS = {
    "part of the day": "matin matinee midi apresmidi soir soiree nocturne",
    "public": "ecolier collegien collegienne lyceen lyceenne etudiant etudiante enseignant professeur parent famille"
    " demandeur demandeuse salarie adulte enfant senior scolaire jeune apprenti alternant",
    "level": "debutant debutante confirme confirmee avance intermediaire expert perfectionnement",
    "language": "anglais francais allemand espagnol italien arabe lsf",
    "day": "lundi mardi mercredi jeudi vendredi samedi dimanche",
}
_APART: Mapping[str, tuple[str, str]] = {
    word: (kind, word[:5]) for kind, words in _KINDS.items() for word in words.split()
}
"""Words that tell events of one series from each other: of what kind, and how the whole family of the word begins."""

_CAMPAIGN = re.compile(
    r"\b(?:la )?semaine (?:nationale )?de l industrie\b|\bsdi\b|\b(?:1re|premiere|\d+(?:e|eme)) edition\b"
    r"|\bedition\b|\b20\d\d\b"
)
_HOUR = re.compile(r"\b(\d{1,2}) ?h(?:eures?)? ?(\d\d)?\b")
_UNIT = r"(?! (?:ans?|h|heures?|min|minutes?|jours?|km|m2|euros?|metiers?)\b)"
_NUMBER = re.compile(
    r"\b(?:n|no|numero|session|groupe|partie|volet|acte|jour|niveau|salle|creneau|vague|episode|serie|parcours|equipe"
    rf"|lot|visite|atelier) (\d{{1,3}}|[a-h]|i{{1,3}}|iv|vi{{0,3}})\b{_UNIT}|(?<=\w )(\d{{1,3}}|[b-k])$"
)


@dataclass(frozen=True)
class Title:
    """A title, taken apart."""

    words: tuple[str, ...]
    """What it says, in the order in which it does; little words left out."""
    house: frozenset[str]
    """The words of the organisation's name, and its initials."""
    marks: Mapping[str, frozenset[str]]
    """What tells it from others of its series, by kind: hours, a number, a public …"""

    def likeness(self, other: Title) -> float:
        """From 0, nothing in common, to 1, the same."""
        if self._is_told_apart(other) or self._is_of_another_house(other):
            return 0.0
        houses = self.house | other.house
        some, others = _without(houses, self.words), _without(houses, other.words)
        if some and others:
            return _shared(some, others)
        return _shared(self.words, other.words)  # of « La fonderie recrute » the house may be all that is told

    def _is_told_apart(self, other: Title) -> bool:
        if self.marks.get("number") != other.marks.get("number"):
            return True
        return any(not self.marks[kind] & other.marks[kind] for kind in self.marks.keys() & other.marks.keys())

    def _is_of_another_house(self, other: Title) -> bool:
        """Whether each title names its own house, and neither the other's."""
        names_its_own = _names(self.words, self.house) and _names(other.words, other.house)
        return names_its_own and not _names(self.words, other.house) and not _names(other.words, self.house)


@lru_cache(maxsize=4096)  # whoever submits is compared with all that are at the place that day, as the next one is
def title_of(title: str, organisation: str, city: str = "") -> Title:
    """A title, as its organisation writes it. The city is nobody's name: « CCI de Nantes », « Visite à Nantes »."""
    text = letters_of(title).replace("apres midi", "apresmidi").replace("industrie 4 0", "industrie")
    text = re.sub(" +", " ", _CAMPAIGN.sub(" ", text)).strip()
    marks: dict[str, set[str]] = {}
    for kind, pattern in (("hour", _HOUR), ("number", _NUMBER)):
        for found in pattern.finditer(text):
            marks.setdefault(kind, set()).add(" ".join(part for part in found.groups() if part and part != "00"))
        text = pattern.sub(" ", text)
    words = [word for word in text.split() if word not in _LITTLE]
    for word in words:
        if apart := _apart(word):
            marks.setdefault(apart[0], set()).add(apart[1])
    kinds = {kind: frozenset(found) for kind, found in marks.items()}
    return Title(tuple(dict.fromkeys(words)), _house(organisation, city), kinds)


@lru_cache(maxsize=4096)
def letters_of(text: str) -> str:
    """A text in small letters from a to z and digits, words apart: « L’Éolien·ne » is « l eolienne »."""
    folded = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe").replace("æ", "ae"))
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter))
    inclusive = re.sub(r"(?<=[a-z])[·•.](?=(?:e|ne|rice|euse)s?\b)|(?<=[a-z])[·•](?=s\b)", "", bare)
    inclusive = re.sub(r"(?<=[a-z])\((e|ne)\)", r"\1", inclusive)
    return re.sub(r"[^a-z0-9]+", " ", inclusive).strip()


def is_same_word(one: str, other: str) -> bool:
    """Whether two words say the same: another number or gender, one of its family, or a slip of the fingers."""
    if one == other:
        return True
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) < 4 or shorter[0] != longer[0]:
        return False
    if _stem(one) == _stem(other):
        return True
    begins = next((at for at, letter in enumerate(shorter) if letter != longer[at]), len(shorter))
    if begins >= 5 and begins >= 0.55 * len(longer):
        return True
    return len(shorter) >= 5 and _slips(one, other) <= (2 if len(shorter) >= 9 else 1)


def _stem(word: str) -> str:
    return re.sub(r"(?:nes|ne|es|s|x|e)$", "", word)


def _slips(one: str, other: str) -> int:
    """How many letters are lost, doubled, wrong or in the place of their neighbour; 3 if there are more than two."""
    if abs(len(one) - len(other)) > 2:
        return 3
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        older, before, row = before, row, [at]
        for there, its in enumerate(other, 1):
            least = min(before[there] + 1, row[-1] + 1, before[there - 1] + (letter != its))
            if at > 1 and there > 1 and letter == other[there - 2] and one[at - 2] == its:
                least = min(least, older[there - 2] + 1)
            row.append(least)
    return min(row[-1], 3)


def _house(organisation: str, city: str) -> frozenset[str]:
    words = letters_of(organisation).split()
    telling = [word for word in words if word not in _LITTLE]
    initials = {"".join(word[0] for word in some if len(word) > 1) for some in (words, telling)}
    of_place = set(letters_of(city).split())
    names = {word for word in telling if word not in of_place and _singular(word) not in _USUAL}
    return frozenset(names | {some for some in initials if len(some) > 1})


def _names(words: Sequence[str], house: frozenset[str]) -> bool:
    return any(is_same_word(word, name) for word in words for name in house)


def _without(houses: frozenset[str], words: Sequence[str]) -> list[str]:
    return [word for word in words if not any(is_same_word(word, name) for name in houses)]


def _singular(word: str) -> str:
    return re.sub(r"[sx]$", "", word)


def _weight(word: str) -> float:
    return _LIGHT if word in _USUAL or _singular(word) in _USUAL or _apart(word) else 1.0


def _apart(word: str) -> tuple[str, str] | None:
    return _APART.get(word) or _APART.get(_singular(word))


def _shared(some: Sequence[str], others: Sequence[str]) -> float:
    """How much of the weight of both is in what both say."""
    some, others = _joined(some, others), _joined(others, some)
    left, shared = list(others), 0.0
    for word in some:
        if (same := next((each for each in left if is_same_word(word, each)), None)) is not None:
            left.remove(same)
            shared += _weight(word) + _weight(same)
    whole = sum(map(_weight, (*some, *others)))
    return shared / whole if whole else 1.0


def _joined(words: Sequence[str], others: Sequence[str]) -> list[str]:
    """« job dating » as « jobdating », where the other title has it as one word."""
    found: list[str] = []
    for word in words:
        if found and found[-1] + word in others:
            found[-1] += word
        else:
            found.append(word)
    return found
