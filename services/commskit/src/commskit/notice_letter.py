"""The mails about the label, besides the kit's: each a folder of plain files, filled in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from backbone.campaign.dates import in_full, moment
from backbone.campaign.remedies import A_PERSON_AGAIN
from backbone.campaign.typography import in_french
from backbone.campaign.words import CONDITIONS
from backbone.contracts import Finding, Label, NoticeName, Verdict
from backbone.mail.letter import Letter

from .domain.dates import name_zone
from .domain.look import Look
from .domain.notices import Word
from .domain.text import tidy_line
from .letter import NOTICES_DOMAIN, Pages, fill_letter, message_id
from .store import NoticeOrder

MOST_QUOTES = 3
_ANEW = frozenset({NoticeName.NOT_LABELLED, NoticeName.APPEAL_RECEIVED, NoticeName.APPEAL_DECIDED})
_LONGEST_QUOTE = 80
_FIELDS = frozenset({"title", "description", "organisation"})


class Why(NamedTuple):
    """One thing that stands in the way of the label."""

    about: str
    message: str
    hint: str
    quotes: tuple[str, ...]
    """The organiser's own words, where the sentence does not quote them itself."""


def write_notice(order: NoticeOrder, look: Look, pages: Pages, *, sender: str, dated: datetime) -> Letter:
    """The mail of this name. The same notice is always the same mail: its Message-ID comes from its id.

    Raises AddressMalformed.
    """
    word, to = order.word, order.organiser
    # what never had the label is submitted anew, which has an earlier last day
    is_anew = word.label == Label.REFUSED and order.name in _ANEW
    until = look.submittable_until if is_anew else look.amendable_until
    words = {
        "name": tidy_line(to.name or ""),
        "title": tidy_line(word.title),
        "word": word,
        "look": look,
        "whys": tuple(_whys(word, Finding.NOT_MET)),
        "doubts": tuple(_whys(word, Finding.DOUBTFUL)),
        "correction": in_french(tidy_line(word.correction.message)) if word.correction else "",
        "due": _on_the_clock(word),
        "amendable_until": in_full(until) if dated.date() <= until else "",
        "is_labelled": word.label == Label.GRANTED,
        "is_suspended": word.label == Label.SUSPENDED,
        "may_appeal": A_PERSON_AGAIN in word.remedies,
        "own_url": pages.own,
        "page_url": pages.event,
        "contact_url": pages.contact,
    }
    return fill_letter(order.name, words, message_id(order.id, NOTICES_DOMAIN), to, sender=sender, dated=dated)


def _whys(word: Word, finding: Finding) -> Iterator[Why]:
    if word.reason and finding is Finding.NOT_MET:
        yield Why("", in_french(word.reason.message), "", ())
    for verdict in word.reasons:
        if verdict.finding != finding:
            continue
        message, hint = in_french(verdict.message), in_french(verdict.hint or "")
        yield Why(CONDITIONS.get(verdict.condition, ""), message, hint, _quotes(verdict))


def _quotes(verdict: Verdict) -> tuple[str, ...]:
    told = (tidy_line(one.text) for one in verdict.evidence if one.field in _FIELDS)
    unsaid = [text for text in dict.fromkeys(told) if text and text not in verdict.message]
    return tuple(f"{text[:_LONGEST_QUOTE]}…" if len(text) > _LONGEST_QUOTE else text for text in unsaid[:MOST_QUOTES])


def _on_the_clock(word: Word) -> str:
    """By when, on the clock of the event's place: « mardi 17 novembre 2026 à 18 h »."""
    if word.due_at is None:
        return ""
    zone = name_zone(word.timezone)
    told = moment(word.due_at.astimezone(ZoneInfo(word.timezone)))
    return f"{told} ({zone})" if zone else told
