"""Text that people paste: what is mended in silence, what is refused with a sentence, and what is left for the rules.

A text comes out of Word, a PDF, a web page or a telephone, and brings along what nobody sees. What can be put right
without a change of meaning is put right; what would be printed otherwise than it was meant is told to its author, in
French. Pure: the same for organisers and for reviewers.
"""

from __future__ import annotations

import re
import unicodedata
from html import unescape
from html.entities import html5
from itertools import chain
from typing import Any

from pydantic import AfterValidator, BeforeValidator

from .lettering import HOLLOW, leaves_something
from .lookalikes import LOOK_ALIKES

CONTROL = "Retirez les caractères de contrôle (souvent dus à un copier-coller)."
LOST = "Un caractère s’est perdu (« \ufffd ») : retapez ce mot."
STACKED = "Retirez les accents et les signes empilés sur une même lettre : ils ne s’impriment pas."
TAGGED = "Retirez les balises HTML, comme « {tag} » : le texte est montré tel que vous l’écrivez."
WORDLESS = "Écrivez avec des mots : il n’y a ici ni lettre ni chiffre."
UNPRINTABLE = "L’affiche s’imprime en lettres latines, grecques ou cyrilliques : écrivez-le aussi avec elles."
ONE_LINE = "Écrivez sur une seule ligne."

_MOST = 20_000
"""Characters; a longer text is left as it came, for its field's own limit to refuse."""


# -- mending

_BREAKS = re.compile("\r\n|[\n\v\f\r\x85\u2028\u2029]")
_BLANKS = " \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000\u3164\uffa0"  # the last: blank « letters »
_SOME_BLANKS = re.compile(f"[{_BLANKS}]{{2,}}|[{_BLANKS[1:]}]")  # a single plain one stays as it is
_THIN = re.compile("[\u2007-\u200a\u202f]")  # what typesetters take for U+202F
_NO_BREAK = re.compile("[\u00a0\u2007-\u200a\u202f]")
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f\u202a-\u202c\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0100-\U000e01ef]"
)
_JOINER = "\u200d"
_PICTURES = "\u20e3\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff\ufe0f"
_LOOSE_JOINER = re.compile(f"(?<![{_PICTURES}]){_JOINER}|{_JOINER}(?![{_PICTURES}])")
_LOOSE_SELECTOR = re.compile("(?<=[^\\W\\d])[\ufe00-\ufe0f]+|[\ufe00-\ufe0d]|(?:^|(?<=\\s))[\ufe0e\ufe0f]+")

_RETYPED = str.maketrans(
    {
        # Windows' signs, taken for controls by a program that read them as Latin-1
        "\x80": "€", "\x8c": "Œ", "\x91": "‘", "\x92": "’", "\x93": "“", "\x94": "”", "\x95": "•", "\x96": "–",
        "\x97": "—", "\x9c": "œ",
        # Word's bullets and arrows, in the private codes of Symbol and Wingdings
        "\uf0b7": "•", "\uf0a7": "•", "\uf0d8": "•", "\uf076": "•", "\uf0a8": "•", "\uf0fc": "✓", "\uf0e0": "→",
    }
)  # fmt: skip
# Ligatures out of a PDF, « full width », and the bold and script « letters » of mathematics that stand in for a font
_DRESSED = re.compile("[\ufb00-\ufb06\uff01-\uff5e\U0001d400-\U0001d7ff]+")
_ENTITY = re.compile(r"&(?:#\d{1,7};?|#[xX][0-9a-fA-F]{1,6};?|[a-zA-Z][a-zA-Z0-9]{1,30};)")
_MOST_TIMES_ENCODED = 5


_SEEN = "!-%'-~\u00ab\u00bb\u00c0-\u017f\u2010-\u2026\u20ac"
_AS_IT_IS = re.compile(f"[{_SEEN}]+(?: [{_SEEN}]+)*")
"""One line of what is typed on a French keyboard, with single blanks: there is nothing to mend, as in most texts."""


def mended(text: str) -> str:
    """The text as its author sees it: composed (NFC), `\\n` alone between lines, single blanks, no-break blanks where
    French has them, entities as the signs they stand for, and nothing that cannot be seen."""
    if len(text) > _MOST or _AS_IT_IS.fullmatch(text):
        return text
    text = _decoded(text).translate(_RETYPED)
    text = _DRESSED.sub(lambda dressed: unicodedata.normalize("NFKC", dressed.group()), text)
    text = _UNSEEN.sub("", _BREAKS.sub("\n", text))
    text = _LOOSE_SELECTOR.sub("", _LOOSE_JOINER.sub("", text))
    text = "\n".join(_spaced(line) for line in unicodedata.normalize("NFC", text).split("\n"))
    return re.sub("\n{3,}", "\n\n", text).strip()


def _decoded(text: str) -> str:
    """« l&#39;usine &amp; l&amp;eacute;tabli » → « l'usine & l'établi »: some programs encode what is encoded."""
    for _ in range(_MOST_TIMES_ENCODED):
        plain = _ENTITY.sub(_sign, text)
        if plain == text:
            break
        text = plain
    return text


def _sign(entity: re.Match[str]) -> str:
    written = entity.group()
    # unescape takes « &degust; » for « &deg » and three letters
    return unescape(written) if written[1] == "#" or written[1:] in html5 else written


def _spaced(line: str) -> str:
    return _SOME_BLANKS.sub(_blank, line).strip(" \u00a0\u202f")


def _blank(run: re.Match[str]) -> str:
    """One blank for a run of them; it stays unbreakable only where French wants it so: « 12 kg », « oui ! »."""
    before, after = run.string[: run.start()][-1:], run.string[run.end() :][:1]
    if not _NO_BREAK.search(run.group()):
        return " "
    if after in tuple(";:!?»%‰€$£°/") or before in tuple("«/") or before.isdigit() or after.isdigit():
        return "\u202f" if _THIN.search(run.group()) else "\u00a0"
    return " "


# -- refusing

_NOT_TEXT = {"Cc", "Cf", "Cs", "Co"}
_MARKS = {"Mn", "Me"}
_ELEMENTS = (
    "abbr|address|article|aside|audio|blink|blockquote|body|br|button|canvas|center|cite|code|del|details|dialog|div|dl|"
    "dt|dd|em|embed|fieldset|figcaption|figure|font|footer|form|frame|h[1-6]|head|header|hr|html|"
    "iframe|img|input|ins|kbd|label|legend|li|link|main|map|mark|marquee|meta|nav|noscript|object|ol|"
    "option|param|picture|pre|script|section|select|small|source|span|strike|strong|style|sub|"
    "summary|sup|svg|table|tbody|td|template|textarea|tfoot|th|thead|title|tr|tt|ul|var|video|wbr"
)
# « 5 < 10 », « a<b et c>d », <visites@usine.example> and <https://usine.example> are no tags
_TAG = re.compile(
    rf"</[a-z][\w:.-]*\s*>|</?(?:{_ELEMENTS})(?=[\s/>])[^<>]*>|</?[abipqsu](?:\s+[\w-]+\s*=[^<>]*)?\s*/?>"
    r"|</?(?:[ovw]|st1|xml):\w+[^<>]*>|<!--|<!doctype\b|<!\[|<\?xml|<(?:script|iframe|img|svg|style)\b",
    re.IGNORECASE,
)
_TAG_SHOWN = 30


def as_text(text: Any) -> Any:
    """The text, mended. Raises ValueError (in French) for what must not be printed; what is no text is left for others
    to refuse."""
    if not isinstance(text, str):
        return text
    text = mended(text)
    if fault := _fault(text):
        raise ValueError(fault)
    return text


def as_one_line(text: Any) -> Any:
    """As `as_text`, its lines joined to one."""
    return text if not isinstance(text, str) else re.sub(" *\n+ *", " ", as_text(text))


def says_something(text: str) -> str:
    """The text itself. Raises ValueError (in French) if no letter and no digit is in it."""
    if text and not has_words(text):
        raise ValueError(WORDLESS)
    return text


def prints_something(text: str) -> str:
    """The text itself. Raises ValueError (in French) if the poster would have none of its words: « 工場見学 »."""
    if has_words(text) and not leaves_something(text):
        raise ValueError(UNPRINTABLE)
    return text


_LETTER = re.compile("[A-Za-z0-9]")


def has_words(text: str) -> bool:
    """Whether there is a letter or a digit in the text: pictures alone leave nothing to print or to read aloud."""
    is_plain = _LETTER.search(text) is not None
    return is_plain or any(unicodedata.category(c)[0] in "LN" and c not in HOLLOW for c in text)


def _fault(text: str) -> str | None:
    if "\ufffd" in text:
        return LOST
    if not _ORDINARY.fullmatch(text):  # most texts are, and need no look at each of their signs
        if any(_is_no_text(c) for c in text):
            return CONTROL
        if _has_stacked_marks(text):
            return STACKED
    if "<" in text and (tag := _TAG.search(text)):
        shown = tag.group()
        return TAGGED.format(tag=shown if len(shown) <= _TAG_SHOWN else f"{shown[: _TAG_SHOWN - 1]}…")
    return None


_ORDINARY = re.compile("[\n -~\u00a0-\u00ac\u00ae-\u017f\u2010-\u2027\u2030-\u205e\u20ac]*")
"""What French is written in: none of it is a control or a mark."""


def _is_no_text(c: str) -> bool:
    if c.isascii():
        return not c.isprintable() and c != "\n"
    category = unicodedata.category(c)
    if category == "Cn":  # of later editions of Unicode only pictures are let in: people have them before Python has
        return not "\U0001f000" <= c <= "\U0001faff"
    return category in _NOT_TEXT and c != _JOINER


def _has_stacked_marks(text: str) -> bool:
    """Marks without a letter below, two left over on a Latin letter, or four on any (Hebrew and Thai have three)."""
    base, height = "", 0
    for c in text:
        if unicodedata.category(c) not in _MARKS:
            base, height = c, 0
            continue
        if "\ufe00" <= c <= "\ufe0f" or c == "\u20e3":  # « 1️⃣ »
            continue
        height += 1
        most = 1 if not base or base.isascii() or "LATIN" in unicodedata.name(base, "") else 3
        if not base or base.isspace() or height > most:
            return True
    return False


AS_TEXT = BeforeValidator(as_text)
"""Makes a pydantic field a text of some lines. It stands behind the field's limits, which measure what is kept:
`Annotated[str, StringConstraints(max_length=500), AS_TEXT]`."""

AS_ONE_LINE = BeforeValidator(as_one_line)
"""Makes a pydantic field a text of one line, behind the field's limits."""

WITH_WORDS = AfterValidator(says_something)
PRINTED = AfterValidator(prints_something)


# -- reading


def _shapes() -> dict[int, str | None]:
    """What each sign is to a rule: nothing, a blank, or a sign that anybody has on their keyboard."""
    table: dict[int, str | None] = {}
    for code in chain(range(0x80, 0x20000), range(0xE0000, 0xE0200)):  # between and beyond, ideographs and nothing
        category = unicodedata.category(chr(code))
        if category in ("Mn", "Me", "Cf"):
            table[code] = None
        elif category == "Nd":
            table[code] = str(unicodedata.decimal(chr(code)))
    table |= {ord(letter): latin for latin, letters in LOOK_ALIKES.items() for letter in letters}
    table |= dict.fromkeys(map(ord, HOLLOW))
    table |= dict.fromkeys(map(ord, "‐‑‒–—―−⁃﹘﹣－"), "-")
    return table | {ord("œ"): "oe", ord("Œ"): "oe", ord("æ"): "ae", ord("Æ"): "ae"}


_SHAPES = _shapes()
# before the normal form, which makes a blank of « ´ », nothing of a blank letter, a σ of the « ϲ » that looks like c
_FIRST = (
    dict.fromkeys(map(ord, "‘’‛ʹʻʼʽˈ′´`"), "'")
    | dict.fromkeys(map(ord, "\u2800\u3164\uffa0"), " ")
    | {ord(letter): latin for latin, letters in LOOK_ALIKES.items() for letter in letters}
)


def skeleton(text: str) -> str:
    """What is left of a text for a rule to read: small letters without accents, marks or disguise, digits, plain
    apostrophes and hyphens, single blanks. Never shown to anybody.

    Case, accents, stacked marks, invisible signs, « fonts » made of letters and look-alikes of other alphabets change
    nothing: « ＵＳＩＮＥ », « u\u200bsine », « 𝘂𝘀𝗶𝗻𝗲 », « uѕіnе » (Cyrillic) and « usine » are one word.
    """
    return " ".join(text.translate(_BARE).split())


class _Bare(dict[int, str]):
    """Each sign as it is read, found out when it is first met: most texts are written in a hundred of them."""

    def __missing__(self, code: int) -> str:
        # the shapes before the case: a Greek capital Η looks like an H, its small letter η like an n
        bare = unicodedata.normalize("NFKD", chr(code).translate(_FIRST)).translate(_SHAPES).casefold()
        if code < _MOST_REMEMBERED:
            self[code] = bare
        return bare


_MOST_REMEMBERED = 0x3000  # behind them, ideographs: nobody fills the memory with Unicode
_BARE = _Bare()
