"""What people write into a cell that asks for yes or no, for one or several of a list, for a number."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .sheet_faults import Unreadable
from .sheet_plain import plain

YES = ("oui", "o", "yes", "y", "vrai", "true", "x", "1", "ok", "gratuit", "gratuite", "entrée libre", "entrée gratuite")
NO = ("non", "n", "no", "faux", "false", "0", "payant", "payante")
YES_OR_NO = "Répondez par oui ou non."
ONE_OF = "Choisissez parmi : {choices}."
SOME_OF = "Choisissez parmi : {choices} ; séparez-les par des points-virgules."
A_NUMBER = "Indiquez un nombre entier, par exemple 25."
CUT_SHORT = (
    "Le tableur a arrondi ce numéro ({read}) et en a perdu des chiffres. Mettez la colonne au format Texte, et "
    "saisissez-le à nouveau en entier."
)

_ROUNDED = re.compile(r"[+-]?\d(?:[.,]\d+)?e\+?\d{1,3}", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*[;,/|\n•]\s*|\s+-\s+")


def yes_or_no(text: str) -> bool:
    """« oui », « X », « 1 », « vrai », ✓. Raises Unreadable."""
    word = plain(text.replace("✓", "x").replace("✔", "x").replace("☑", "x"))
    if (answer := _ANSWERS.get(word)) is None:
        raise Unreadable(YES_OR_NO)
    return answer


_ANSWERS = {plain(word): True for word in YES} | {plain(word): False for word in NO}


def whole_number(text: str) -> int:
    """« 25 », « 1 200 », « 25 personnes ». Raises Unreadable."""
    match = re.fullmatch(r"(\d{1,3}(?:[ \u00a0\u202f.]\d{3})+|\d{1,7})(?:[.,]0+)?\s*[a-zA-ZÀ-ÿ/ ]{0,30}", text.strip())
    if not match:
        raise Unreadable(A_NUMBER)
    return int(re.sub(r"\D", "", match[1]))


def digits(text: str) -> str:
    """A number that is a name, as it is written; a spreadsheet's « .0 » is not. Raises Unreadable where a spreadsheet
    has rounded it."""
    if _ROUNDED.fullmatch(text.strip().replace(" ", "")):
        raise Unreadable(CUT_SHORT.format(read=text.strip()))
    return re.sub(r"[.,]0$", "", text.strip())


def telephone(text: str) -> str:
    """A number as it is dialled: « 612345678 », from which a spreadsheet has cut the zero, begins with it. Raises
    Unreadable where a spreadsheet has rounded it."""
    number = digits(text)
    bare = re.sub(r"[\s.\u00a0\u202f-]", "", number)
    return f"0{bare}" if re.fullmatch(r"[1-9]\d{8}", bare) else number


class Choices:
    """The words of a list, and how else people call them. `words`: what each code is called in French."""

    def __init__(self, words: Mapping[str, str], others: Mapping[str, tuple[str, ...]] | None = None) -> None:
        self.words = {str(code): word for code, word in words.items()}
        self._codes = {
            plain(name): str(code)
            for code, word in words.items()
            for name in (word, str(code), *((others or {}).get(code, ())))
        }

    def one(self, text: str) -> str:
        """The code. Raises Unreadable."""
        if (code := self._codes.get(plain(text))) is None:
            raise Unreadable(ONE_OF.format(choices=self._named()))
        return code

    def several(self, text: str) -> list[str]:
        """The codes, each once. Raises Unreadable."""
        found = [code for part in _BETWEEN.split(text) if part.strip() for code in self._of(part)]
        if not found:
            raise Unreadable(SOME_OF.format(choices=self._named()))
        return list(dict.fromkeys(found))

    def _of(self, part: str) -> list[str]:
        """« Collégiens et lycéens » is one word of the list; « familles et étudiants » are two."""
        parts = [part] if plain(part) in self._codes else re.split(r"\s+(?:et|ou|&|\+)\s+", part)
        codes = [self._codes.get(plain(each)) for each in parts]
        if None in codes:
            raise Unreadable(SOME_OF.format(choices=self._named()))
        return [code for code in codes if code]

    def _named(self) -> str:
        return ", ".join(f"« {word} »" for word in self.words.values())
