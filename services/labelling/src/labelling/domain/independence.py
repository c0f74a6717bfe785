"""Nobody decides in their own cause."""

from __future__ import annotations

from uuid import UUID

from backbone.contracts import PublicEvent

from .lexicon import small_words
from .words import words_of

# what a name may have or lack without being another's
_ASIDE = small_words("independence", "aside")


def is_own_cause(event: PublicEvent, account_id: UUID, organisation: str) -> bool:
    """Whether the event is the reviewer's own, or their organisation's as far as names tell."""
    return event.organiser_id == account_id or is_same_organisation(event.organisation, organisation)


def is_same_organisation(one: str, other: str) -> bool:
    """Whether two names are the same organisation's: but for case, accents, signs and legal forms, or one of them
    with a site or a department added (« Fonderie de l’Erdre, Montoir »). A single word is too little for that:
    « Lycée » is not every « Lycée Diderot »."""
    ours, theirs = _words(one), _words(other)
    few, many = sorted((ours, theirs), key=len)
    return bool(few) and (few == many or (len(few) > 1 and few < many))


def _words(name: str) -> frozenset[str]:
    words = frozenset(word for word in words_of(name) if word[0].isalnum())
    # of a name that is made of such words alone, all of them count
    return words - _ASIDE or words
