"""A password as a person chooses it: long, and not among those that are tried first."""

from __future__ import annotations

import unicodedata

from pydantic import SecretStr

from backbone.texts.lettering import HOLLOW

from .common_passwords import is_soon_guessed

SHORTEST, LONGEST = 12, 200
WRONG_LENGTH = f"Choisissez un mot de passe de {SHORTEST} à {LONGEST} caractères."
BLANK = "Choisissez un mot de passe qui ne soit pas fait d’espaces."
COMMON = (
    "Ce mot de passe est parmi les premiers que l’on essaie. "
    "Choisissez-en un autre, par exemple quatre mots sans lien entre eux."
)


def normal(password: SecretStr) -> SecretStr:
    """The password as it is compared: in NFKC, so that it does not matter how a keyboard composes an accent.

    Raises ValueError (in French) for half a character, which no keyboard types and nothing can store.
    """
    typed = password.get_secret_value()
    if any("\ud800" <= c <= "\udfff" for c in typed):
        raise ValueError("Ce mot de passe contient un caractère incomplet ; retapez-le.")
    return SecretStr(unicodedata.normalize("NFKC", typed))


def chosen_well(password: SecretStr, *about: str) -> SecretStr:
    """The password itself. Raises ValueError (in French) if it is too short, too long, blank, or easily guessed by
    who knows the commonest ones and what the account is `about`."""
    typed = password.get_secret_value()
    if not SHORTEST <= len(typed) <= LONGEST:
        raise ValueError(WRONG_LENGTH)
    if not any(unicodedata.category(c)[0] in "LNPS" and c not in HOLLOW for c in typed):
        raise ValueError(BLANK)
    if is_soon_guessed(typed, about):
        raise ValueError(COMMON)
    return password
