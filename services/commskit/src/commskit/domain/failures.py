"""Why a kit or a notice failed: a code for machines, and a sentence for its organiser."""

from __future__ import annotations

import re

from backbone.campaign.typography import in_french
from backbone.contracts import Reason

MAIL_REFUSED = "mail-refused"
UNCERTAIN_TWICE = "uncertain-twice"
ADDRESS_MALFORMED = "address-malformed"
RENDER_FAILED = "render-failed"
RENDER_TIMED_OUT = "render-timed-out"

_NOT_SENT = "Le kit de communication n’a pas pu partir ; notre équipe en est informée."
_NOT_MADE = "Le kit de communication n’a pas pu être fabriqué ; notre équipe en est informée."
_SENTENCES = {
    RENDER_FAILED: _NOT_MADE,
    RENDER_TIMED_OUT: _NOT_MADE,
    "render-crashed": _NOT_MADE,
    ADDRESS_MALFORMED: "Le kit de communication n’a pas pu partir : l’adresse électronique de votre compte n’est pas "
    "valable. Notre équipe en est informée.",
    MAIL_REFUSED: "Le kit de communication n’a pas pu partir : le courriel a été refusé. Notre équipe en est informée.",
    UNCERTAIN_TWICE: "Le kit de communication est parti, mais nous ne savons pas s’il est arrivé : cherchez-le dans "
    "vos courriels, indésirables compris. Notre équipe en est informée.",
}

_NOT_WRITTEN = "Nous n’avons pas pu vous écrire ; notre équipe en est informée."
_OF_NOTICES = {
    ADDRESS_MALFORMED: "Nous n’avons pas pu vous écrire : l’adresse électronique de votre compte n’est pas valable. "
    "Notre équipe en est informée.",
    MAIL_REFUSED: "Nous n’avons pas pu vous écrire : votre messagerie a refusé notre courriel. Notre équipe en est "
    "informée.",
    UNCERTAIN_TWICE: "Nous vous avons écrit, mais nous ne savons pas si le courriel est arrivé : cherchez-le dans vos "
    "courriels, indésirables compris. Notre équipe en est informée.",
}

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NO_LETTERS = re.compile(r"[^a-z0-9]+")


def is_of_making(failure: str | None) -> bool:
    """Whether a kit was given up since it cannot be made, and not since its mail could not be sent."""
    return failure in (RENDER_FAILED, RENDER_TIMED_OUT)


def reason_of(failure: str) -> Reason:
    """The reason that is told of a kit given up for this: the words of a refusal, or the name of an error."""
    code = _code_of(failure)
    return Reason(code=code, message=in_french(_SENTENCES.get(code, _NOT_SENT)))


def reason_of_notice(failure: str) -> Reason:
    """The same of a notice."""
    code = _code_of(failure)
    return Reason(code=code, message=in_french(_OF_NOTICES.get(code, _NOT_WRITTEN)))


def _code_of(failure: str) -> str:
    return _NO_LETTERS.sub("-", _HUMP.sub("-", failure).lower()).strip("-")
