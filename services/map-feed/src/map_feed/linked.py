"""Texts that people wrote, as HTML: escaped, typeset, and with the addresses in them as links."""

from __future__ import annotations

from markupsafe import Markup, escape

from backbone.campaign.typography import in_french

from .domain import addresses

# not ours to vouch for, nor to be told where our visitors come from
_LINK = Markup('<a href="{}" rel="nofollow ugc noopener">{}</a>')


def linked(text: str) -> Markup:
    """The text with its web and mail addresses as links."""
    return Markup("").join(
        _LINK.format(part.href, part.text) if part.href else escape(in_french(part.text))
        for part in addresses.parts(text)
    )


def paragraphs(text: str) -> Markup:
    """Plain text with its empty lines as paragraphs and its line ends kept, and its addresses as links."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    whole = [part.strip() for part in lines.split("\n\n") if part.strip()]
    breaks = Markup("<br>")
    return Markup("").join(
        Markup("<p>{}</p>").format(breaks.join(linked(line) for line in part.split("\n"))) for part in whole
    )
