"""Web and mail addresses in a text that people wrote: which parts of it lead somewhere.

A text says many things that look like one. What is not plainly an address stays text: other schemes than http and
https, one with a name or password before its host (« https://banque.fr@voleur.example »), one with letters that
cannot be seen.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote, urlsplit

_REST = r"[^\s<>\"«»“”]"
_LABELS = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}"
# without a scheme: these ends alone, in small letters, so that « l'usine.On visite » is none
_ENDS = r"(?:fr|com|org|net|eu|info|bzh|paris|alsace|corsica)"
_ADDRESS = re.compile(
    rf"(?P<mail>(?<![\w.+@-])[A-Za-z0-9][A-Za-z0-9._%+-]{{0,63}}@{_LABELS}[A-Za-z]{{2,24}}(?![\w@-]))"
    rf"|(?P<web>(?<!\w)(?:[Hh][Tt][Tt][Pp][Ss]?://|[Ww][Ww][Ww]\.)(?=\w|\[){_REST}+)"
    rf"|(?P<bare>(?<![\w.@/-]){_LABELS}{_ENDS}(?:/{_REST}*)?(?![\w@-]|\.\w))"
)
_UNSEEN = re.compile("[\u0000-\u001f\u007f-\u00a0\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]")


class Part(NamedTuple):
    """A part of a text; `href`, where it leads, if it is an address."""

    text: str
    href: str | None = None


def parts(text: str) -> list[Part]:
    """The text in its parts, which put together are the text."""
    found: list[Part] = []
    end = 0
    for match in _ADDRESS.finditer(text):
        address = match[0] if match["mail"] else _without_its_stop(match[0])
        href = f"mailto:{address}" if match["mail"] else web(_with_scheme(address))
        if href:
            found += [Part(text[end : match.start()]), Part(address, href)]
            end = match.start() + len(address)
    return [part for part in (*found, Part(text[end:])) if part.text]


def mail(address: str | None) -> str | None:
    """The mailbox, if a mail can be written to it and to it alone: « ?bcc= » would write to others too."""
    mailbox = _ADDRESS.fullmatch(address) if address else None
    return mailbox["mail"] if mailbox else None


def telephone(number: str | None) -> str | None:
    """The number as it is dialled, in groups: « +33 (0)2.40.00.11.22 » → « +33 2 40 00 11 22 »; None if it is none."""
    groups = " ".join(re.split(r"[\s.()/-]+", (number or "").replace("(0)", "")))
    return groups.strip() if re.fullmatch(r" ?\+?\d(?: ?\d){3,14} ?", groups, re.ASCII) else None


def web(address: str | None) -> str | None:
    """The address of a page, as it may stand behind a link; None for anything else (« javascript: »)."""
    if not address or not re.match("https?://", address, re.IGNORECASE):
        return None
    try:
        split = urlsplit(address)
        _ = split.port
        host = (split.hostname or "").encode("idna").decode()
    except ValueError:  # UnicodeError too: a host with a name longer than there can be
        return None
    if "@" in split.netloc or "." not in host.strip(".") or _UNSEEN.search(address):
        return None
    rest = address[address.index("://") + 3 :][len(split.netloc) :]
    netloc = split.netloc if split.netloc.isascii() else host + (f":{split.port}" if split.port else "")
    if not re.fullmatch(r"[\w.:-]+", netloc, re.ASCII):
        return None
    # a space, a letter with an accent, a lone % are what people paste, and not what an address may have
    return (
        address[: address.index("://") + 3] + netloc + _LONE_PERCENT.sub("%25", quote(rest, safe="/?#@!$&'()*+,;=:%~"))
    )


_LONE_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")


def _with_scheme(address: str) -> str:
    return address if re.match("https?://", address, re.IGNORECASE) else f"https://{address}"


def _without_its_stop(address: str) -> str:
    """« (voir https://usine.fr/a_(b)). » ends before the bracket and the stop that are the sentence's."""
    while address and (address[-1] in ".,;:!?…'’\"*_" or _closes_nothing(address)):
        address = address[:-1]
    return address


def _closes_nothing(address: str) -> bool:
    opening = {")": "(", "]": "[", "}": "{"}.get(address[-1])
    return opening is not None and address.count(opening) < address.count(address[-1])
