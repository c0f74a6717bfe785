"""What the documentation of the API says of it, in French: its models, its parameters, its problems, examples."""

from __future__ import annotations

from .examples import EXAMPLES
from .problems import KINDS
from .words import ABOUT, BY_KEY, SCHEMES, WORDS

__all__ = ["ABOUT", "BY_KEY", "EXAMPLES", "KINDS", "SCHEMES", "WORDS"]
