"""The API for organisers as typed Python calls: `Registration`, what it takes and answers, and how it refuses."""

from .asking import Bearer
from .calls import Registration
from .problems import (
    Away,
    Changed,
    Conflict,
    Gone,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Refused,
    TooMany,
    Unacceptable,
)

__all__ = [
    "Away",
    "Bearer",
    "Changed",
    "Conflict",
    "Gone",
    "NotAllowed",
    "NotFound",
    "NotSignedIn",
    "Refused",
    "Registration",
    "TooMany",
    "Unacceptable",
]
