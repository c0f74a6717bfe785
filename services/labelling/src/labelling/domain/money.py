"""What an organiser's text says of money: a price at the door, something like a payment, or nothing that visitors pay.

An amount that nothing explains is at least a doubt; one that is said of the entrance, and a payment that is said
outright, is a price. « Gratuit » outweighs a word in passing, and no price.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .amounts import NEAR, Amount, Kind, amounts_in, bare_numbers
from .lexicon import Cue, Cues, by_family, small_words, standing_in
from .reading import Reading, Span

TWO = 2
"""Terms that say a payment without an amount, for nobody to doubt it: « petite participation aux frais » has two."""

_OF_GOODS = ("payant", "prix")
_GRATIS = ("gratui", "libre", "offert")
_NOBODY_PAYS = small_words("money", "nobody_pays")
_FOR_SOME = small_words("money", "for_some")
_FOR_ALL = small_words("money", "for_all")
_BOUGHT = small_words("money", "bought")
_WAIVED = small_words("money", "waived")
_PROOFS = small_words("money", "proofs")
_ARTICLES = small_words("money", "articles")


@dataclass(frozen=True)
class Money:
    """What a text says of money: where it names prices to come in, where it hints at other payments, and whether it
    says that it is free for everybody, with the place where it says so only for some."""

    prices: tuple[Span, ...] = ()
    hints: tuple[Span, ...] = ()
    for_some: tuple[Span, ...] = ()
    is_said_free: bool = False


def money_in(reading: Reading) -> Money:
    """All that a text says of money."""
    # a name names no price: « Facture instrumentale de l'Est », « OPCO 2i »
    of = by_family(cue for cue in reading.cues("money") if cue.first < reading.organisation)
    amounts = amounts_in(reading, of)
    if not of and not amounts:
        return Money()
    prices, said = _of(amounts, Kind.PRICE), _said(reading, of, "paid", amounts)
    hints = [*_of(amounts, Kind.HINT), *bare_numbers(reading, of.get("door", ()))]
    if prices or len(said) >= TWO:
        prices += said
    else:
        # one word without an amount may mean something else yet: « libre de tout droit d'entrée »
        hints += said
    free = [cue for cue in of.get("free", ()) if reading.is_said(cue.first)]
    for_some = [span for cue in free if (span := _for_some(reading, cue))]
    is_free = len(free) > len(for_some) or _is_nothing_asked(reading, of, amounts)
    if not is_free or prices or said:
        # « gratuit » outweighs what stands beside: « la tirelire est pour l'église », « au restaurant (13 €) »
        hints += [*_of(amounts, Kind.ASIDE), *_said(reading, of, "payment", amounts)]
    return Money(tuple(sorted(prices)), tuple(sorted(hints)), tuple(for_some), is_free)


def _of(amounts: Iterable[Amount], kind: Kind) -> list[Span]:
    return [amount.shown for amount in amounts if amount.kind is kind]


def _is_nothing_asked(reading: Reading, of: Cues, amounts: Iterable[Amount]) -> bool:
    """« 0 € », « aucune participation », « le droit d'entrée n'est pas demandé »."""
    payments = [*of.get("paid", ()), *of.get("payment", ())]
    denied = any(reading.is_denied(cue.first) or _is_waived(reading, cue) for cue in payments)
    return denied or bool(_of(amounts, Kind.NOTHING))


def _is_waived(reading: Reading, cue: Cue) -> bool:
    rest = reading.words[cue.last + 1 : reading.clause(cue.last)[-1] + 1]
    return "pas" in rest and bool(_WAIVED.intersection(rest[rest.index("pas") : rest.index("pas") + 4]))


def _said(reading: Reading, of: Cues, family: str, amounts: Iterable[Amount]) -> list[Span]:
    """Where a payment is said without its amount: neither denied nor asked about, nor said of something beside."""
    none = [first for first, _ in _of(amounts, Kind.NOTHING)]
    said = [cue for cue in of.get(family, ()) if reading.is_said(cue.first) and not reading.is_asked(cue.last)]
    return [
        (cue.first, cue.last) for cue in said if not _is_beside(reading, cue, of) and not _is_none(reading, cue, none)
    ]


def _is_beside(reading: Reading, cue: Cue, of: Cues) -> bool:
    """« food truck (payant) », « buvette payante »: what one may buy and need not."""
    if any(said.first <= cue.first <= said.last for said in of.get("nothing", ())):
        return True
    before = range(max(cue.first - NEAR, reading.clause(cue.first)[0]), cue.first)
    is_said_of_goods = any(word.startswith(_OF_GOODS) for word in reading.words[cue.first : cue.last + 1])
    return is_said_of_goods and bool(standing_in(of, "beside", before) or standing_in(of, "sold", before))


def _is_none(reading: Reading, cue: Cue, none: Iterable[int]) -> bool:
    """« coût pour l'établissement : néant », « participation demandée : 0 € »."""
    clause = reading.clause(cue.last)
    rest = reading.words[cue.last + 1 : clause[-1] + 1]
    told = rest[rest.index(":") + 1 :][:NEAR] if ":" in rest else rest[:1]
    if _NOBODY_PAYS.intersection(told) or _is_waived(reading, cue):
        return True
    return any(cue.last < place <= clause[-1] for place in none)


def _for_some(reading: Reading, cue: Cue) -> Span | None:
    """Where « gratuit » is said of some only: « pour les moins de 12 ans », « sur présentation d'un ticket »."""
    part = reading.clause(cue.last, pauses=True)
    rest = reading.words[cue.last + 1 : part[-1] + 1][:NEAR]
    if not rest or not reading.words[cue.last].startswith(_GRATIS):
        return None
    span = (cue.first, min(part[-1], cue.last + NEAR))
    if rest[0] == "pour":
        whom = [word for word in rest[1:] if word not in _ARTICLES]
        return None if not whom or whom[0] in _FOR_ALL else span
    if rest[:2] in (["sur", "presentation"], ["sur", "justificatif"]):
        return None if _PROOFS.intersection(rest) else span
    if rest[:2] == ["sous", "reserve"] and _PROOFS.intersection(rest):
        return None
    if rest[0] == "avec" and not _BOUGHT.intersection(rest):
        return None
    return span if rest[0] in _FOR_SOME and not _PROOFS.intersection(rest) else None
