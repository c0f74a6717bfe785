"""Builds `../src/backbone/texts/lookalikes.py`, the letters that look like a letter from a to z.

    uv run --with confusable-homoglyphs==3.3.1 python shared/tools/build_lookalikes.py

The same source gives the same bytes.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from pathlib import Path
from string import ascii_lowercase

from confusable_homoglyphs.confusables import confusables_data

MODULE = Path(__file__).parents[1] / "src" / "backbone" / "texts" / "lookalikes.py"
DRAWN = re.compile(r"(?:LATIN LETTER SMALL CAPITAL|NEGATIVE (?:CIRCLED|SQUARED) LATIN CAPITAL LETTER) ([A-Z])")
# Unicode's table calls capital I, digit 1 and small l one shape: a capital of another alphabet is an I here.
CAPITAL_I = {"l": "i"}
LEAVE = {"μ"}  # a unit of measure
HEAD = '''"""Letters of other alphabets that look like a letter from a to z: one string for each letter.

Source: Unicode's confusables.txt (Unicode licence v3), as carried by PyPI `confusable-homoglyphs` 3.3.1 (MIT), single
letters only; and by their names the small capitals and the letters in black circles and squares. Built by
`shared/tools/build_lookalikes.py`.
"""

LOOK_ALIKES = {
'''


def bare(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def main() -> None:
    alike: dict[str, set[str]] = defaultdict(set)
    for letter, shapes in confusables_data.items():
        if len(letter) == 1 and is_foreign(letter):
            for shape in map(bare, (known["c"] for known in shapes)):
                if len(shape) == 1 and shape.isascii() and shape.isalpha():
                    alike[plain(shape, letter)].add(letter)
    known = set().union(*alike.values())
    # « М » looks like an M, and « м » like a small M
    for latin, letters in list(alike.items()):
        small = {c.lower() for c in letters if c.isupper() and len(c.lower()) == 1}
        alike[latin] |= {c for c in small - known - LEAVE if is_foreign(c)}
    for code in range(0x80, 0x1FFFF):
        drawn = DRAWN.fullmatch(unicodedata.name(chr(code), ""))
        if drawn and chr(code) not in known:
            alike[drawn.group(1).lower()].add(chr(code))
    rows = [f'    "{latin}": "{"".join(sorted(alike[latin]))}",\n' for latin in ascii_lowercase]
    MODULE.write_text(HEAD + "".join(rows) + "}\n")


def is_foreign(letter: str) -> bool:
    """A letter of its own: no sign, no digit, and nothing that a normal form makes a Latin letter of."""
    if letter.isascii() or unicodedata.category(letter)[0] != "L" or bare(letter).isascii():
        return False
    return not "\U0001d400" <= letter <= "\U0001d7ff"  # bold and script Greek, which the normal form makes Greek


def plain(shape: str, letter: str) -> str:
    if unicodedata.category(letter) == "Lu" or letter in "ӀⲒ":
        return CAPITAL_I.get(shape, shape.lower())
    return shape.lower()


if __name__ == "__main__":
    main()
