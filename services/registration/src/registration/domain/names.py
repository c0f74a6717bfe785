"""What is no name: an address of the web or of a mailbox, which a reader of mails would make a link of."""

from __future__ import annotations

import re
import unicodedata

NO_ADDRESS = (
    "Indiquez un nom, sans adresse du Web ni adresse électronique. "
    "Si ce n’en est pas une, mettez une espace après le point : « Dr. Martin »."
)
NO_CODE = "Retirez « =? » : ces signes ne s’écrivent pas dans un nom."

_ADDRESS = re.compile(
    r"://|\bwww\s*\."
    r"|\b(?:https?|ftp|mailto|tel|data|javascript)\s*:"
    r"|[^\W_][\w-]*[^\W_]\.[^\W\d_]{2,}"  # a domain: two letters or more on either side of a dot
    r"|\bxn--"
    r"|(?<![^\W_])[^\W_]\.[a-z]{2,3}(?![^\W_])"  # the shortest ones: « x.com »; not « J. Martin », not « S.N.C.F. »
    r"|\d{1,3}(?:\.\d{1,3}){3}"
    r"|\S@\S"
)
_OTHER_DOTS = str.maketrans("。｡．․", "....")
_INVISIBLE = re.compile(r"[\u200b-\u200d\u2060\ufe00-\ufe0f\u00ad]")


def a_name(text: str) -> str:
    """The name itself. Raises ValueError (in French) if it holds an address, or what readers of mails decode."""
    seen = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text).translate(_OTHER_DOTS))
    if _ADDRESS.search(seen) or _ADDRESS.search(seen.lower()):
        raise ValueError(NO_ADDRESS)
    if "=?" in seen:
        raise ValueError(NO_CODE)
    return text
