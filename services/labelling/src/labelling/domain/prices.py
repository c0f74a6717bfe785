"""What an organiser's text says of money: a price at the door, another payment, or neither.

Most amounts are none of ours: salaries, investments, prizes, the worth of a machine. Only an amount that is said
of the entrance, or of each visitor, is a price.
"""

from __future__ import annotations

import re

from .lexicon import PAYING
from .wording import found

_AMOUNT = r"(?:[1-9]\d{0,2}(?: \d{3})*|0)(?:[,.]\d{1,2})? ?(?:€|euros?\b)"
# « entrée : 8 € », « tarif plein 12 euros », « billet adulte 9 euros »: few words between, none of which is « gratuit »
_AT_THE_DOOR = (
    r"\b(?:entree|tarif|billet|place|ticket|inscription|abonnement)s?"
    rf"(?: (?!gratui|libre|offert)[\w']+){{0,3}} ?:? ?{_AMOUNT}"
)
_EACH = (
    rf"{_AMOUNT}(?: ttc)? ?(?:par|/) ?"
    r"(?:personne|joueur|joueuse|adulte|enfant|participant|participante|visiteur|famille|groupe|tete)"
)
_COSTS = rf"\b(?:visite|atelier|seance|stage|spectacle|journee|partie|animation)\b[^.;!?]{{0,40}}\bcoute {_AMOUNT}"
_PRICE = re.compile(f"{_AT_THE_DOOR}|{_EACH}|{_COSTS}")
_NOTHING = re.compile(r"\b0(?:[,.]00?)? ?(?:€|euros?\b)")
# wages, investments, prizes: to the end of the sentence
_NOT_THE_VISITORS = re.compile(
    r"\b(?:salaires?|remuner\w+|payes?|paie|primes?|bourses?|indemnites?|smic|tickets? restaurants?|invest\w+|budget"
    r"|subvention\w*|cheques?|lots?|bons? d'achat|dotation)\b[^.;!?]*"
)
_BESIDE = re.compile(
    r"\b(?:participation|repas|dejeuner|diner|boisson|consommation|kit|boutique|vente|caution|transport|parking|materiel"
    r"|restaurant|rembours\w+|horaire|heure)s?\b"
)
_PARTICIPATION = re.compile(rf"\bparticipation\b[^.;!?]{{0,25}}?{_AMOUNT}")
_FREE = re.compile(
    r"\bgratuit(?:e|s|es|ement)?\b(?! (?:pour (?!tous|toutes|le public|les visiteurs)|aux|jusqu|sous|avant|moins))"
)


def entrance_price(text: str) -> str | None:
    """The words of the folded text that name a price to come in, if there are such words."""
    if not _names_money(text):
        return None
    for price in _PRICE.finditer(_NOT_THE_VISITORS.sub(" ", text)):
        words = price.group(0)
        if not _NOTHING.search(words) and not _BESIDE.search(_clause_of(price)):
            return words.strip()
    return None


def other_payments(text: str) -> tuple[str, ...]:
    """The words of the folded text that hint at a payment, of what is left open."""
    names_money = _names_money(text)
    if not names_money and not found(PAYING, text):
        return ()
    spent = _NOT_THE_VISITORS.sub(" ", text)
    if not names_money:
        return found(PAYING, spent)
    named = (found_there.group(0) for pattern in (_PARTICIPATION, _PRICE) for found_there in pattern.finditer(spent))
    return (*found(PAYING, spent), *(words.strip() for words in named if not _NOTHING.search(words)))


def says_free(text: str) -> bool:
    """Whether the folded text says that it is free, not just for some."""
    return _FREE.search(text) is not None


def _names_money(text: str) -> bool:
    # without it none of the patterns can match, and they are dear
    return "€" in text or "euro" in text


def _clause_of(price: re.Match[str]) -> str:
    before, after = price.string[: price.start()], price.string[price.end() :]
    return re.split(r"[.;!?]", before)[-1] + price.group(0) + re.split(r"[.;!?]", after)[0]
