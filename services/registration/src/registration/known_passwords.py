"""zxcvbn's list of 30,000 passwords, the commonest first.

Its estimate of guesses is not used: it tries all ways to read a « 1 » or a « $ » as letters, and takes seconds for a
text that is made for it.
"""

from __future__ import annotations

from zxcvbn.frequency_lists import FREQUENCY_LISTS

from .domain.common_passwords import COMMONEST, Commonest

_RANKED = Commonest.of(FREQUENCY_LISTS["passwords"])


async def hold_against_the_commonest() -> None:
    """Makes the passwords that this request chooses be held against the list: a dependency of every route that takes
    one, as FastAPI hands what validates a body no context but solves dependencies before it."""
    COMMONEST.set(_RANKED)
