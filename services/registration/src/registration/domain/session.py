"""A session: what a person began by signing in, in one browser or program, and how it goes on and ends.

It goes on by a refresh token, which serves once: each use gives the next. The tokens of one session are a family: one
that was spent before, and comes once more, was copied, and nobody can tell which of the two is the owner's, so the
family ends there.
"""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum

from .reviewing import REVIEWS

IDLE = timedelta(hours=10)
"""Nobody has asked for the next token for so long, a working day: it is over."""
LONGEST = timedelta(days=7)
LONGEST_OF_REVIEWERS = timedelta(hours=10)
"""Who decides about others shows who they are each day anew."""
GRACE = timedelta(seconds=10)
"""Two tabs that wake at once ask with the same token, and an answer that was lost is asked for again: for so long the
token that was just spent gives the same next one once more. Longer than a slow answer takes on the road; whoever has
found a token in a copy or a log comes later than that."""


class Shown(StrEnum):
    """What a refresh token is to its family."""

    CURRENT = "current"
    AGAIN = "again"
    """The one before, which was spent a moment ago."""
    REUSED = "reused"
    """Spent, or never given out."""


def shown(token: bytes, *, current: bytes, previous: bytes | None, spent_ago: timedelta) -> Shown:
    """What the token (each is given as its hash) is to its family."""
    if token == current:
        return Shown.CURRENT
    return Shown.AGAIN if token == previous and spent_ago <= GRACE else Shown.REUSED


def longest(role: str) -> timedelta:
    """For how long at most a session of somebody with this role lasts."""
    return LONGEST_OF_REVIEWERS if role in REVIEWS else LONGEST


def is_over(role: str, *, age: timedelta, idle: timedelta) -> bool:
    """Whether a session that began `age` ago, and was last used `idle` ago, has ended."""
    return age > longest(role) or idle > IDLE


def life(role: str, age: timedelta) -> timedelta:
    """For how long the refresh token that is given now is good."""
    return max(timedelta(0), min(IDLE, longest(role) - age))


# what each says also stands in what its imitators say: the imitators first
_BROWSERS = {
    "Edge": r"\bEdgA?(?:iOS)?/",
    "Opera": r"\bOPR/",
    "Samsung Internet": r"\bSamsungBrowser/",
    "Firefox": r"\b(?:Firefox|FxiOS)/",
    "Chrome": r"\b(?:Chrome|CriOS|Chromium)/",
    "Safari": r"\bVersion/\S+ .*\bSafari/",
}
_SYSTEMS = {
    "Android": r"\bAndroid\b",
    "iPhone": r"\biPhone\b",
    "iPad": r"\biPad\b",
    "Windows": r"\bWindows\b",
    "Mac": r"\bMac OS X\b|\bMacintosh\b",
    "ChromeOS": r"\bCrOS\b",
    "Linux": r"\bLinux\b",
}
PROGRAM, SOME_BROWSER = "Un programme", "Un navigateur"


def browser_of(user_agent: str) -> str:
    """A coarse word for what somebody came with, by which they know their own: « Firefox sur Windows ». Neither version
    nor model: together they would tell one person from another."""
    if not user_agent.startswith("Mozilla/"):
        return PROGRAM
    browser = _first(_BROWSERS, user_agent) or SOME_BROWSER
    system = _first(_SYSTEMS, user_agent)
    return f"{browser} sur {system}" if system else browser


def _first(words: dict[str, str], said: str) -> str | None:
    return next((word for word, pattern in words.items() if re.search(pattern, said)), None)
