"""What is found about an edition: wrong, or for a person to look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Weight = Literal["wrong", "decide"]


@dataclass(frozen=True)
class Finding:
    """`wrong`: nobody is to be let in with it. `decide`: only a person knows whether it is right."""

    weight: Weight
    about: str
    what: str


def wrong(about: str, what: str) -> Finding:
    return Finding("wrong", about, what)


def decide(about: str, what: str) -> Finding:
    return Finding("decide", about, what)
