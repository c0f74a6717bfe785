"""What registration refuses, and why; each door says it in its own way.

Refused
├── AccountGone        the account was erased since its token was made
├── WrongCredentials   no account has this address and this password
│   └── NotConfirmed   the account's address is not confirmed yet
├── CodeAsked          the password was right, and the second factor is asked for too
│   └── WrongCode      the second factor was not right, or has served already
├── SecondFactorSet    the account has a second factor already
├── NoSecondFactor     the account has none
├── SessionOver        the session has ended, or there was none
├── UnknownKey         none of the organisation's keys bears this id
├── UnknownSession     none of the account's sessions bears this id
├── UnknownEvent       none of the events that the account may read bears this id
├── NotYours           the account may read it, and not do this with it
├── NoMember           nobody of the organisation bears this number
├── AlreadyMember      who is invited is of the organisation already
├── NoFederation       only a federation helps other organisations
├── LastManager        somebody must manage the organisation while it has people or events
├── TooManyInvitations the organisation has so many open
├── UnknownOrganisation  the account is of no organisation that bears this id
├── NotOpen            events of this edition are not submitted on this day
│   ├── WeekBegun      nor amended, as the week has begun
│   └── LateCodeRefused   and the code that was given lets this event in no more, or never did
├── OfAnotherEdition   the event was submitted for an edition that is over: a new year is a new event
├── Changed            somebody has written since the version that was read
├── VersionNeeded      who changes what somebody else keeps says which version they have read
├── KeyReused          something else was asked under the same key
├── ExternalIdTaken    another event of the organisation bears the name
├── UnknownUpload      none of the account's uploads bears this id
├── NotCheckedYet      the upload is still read, or cannot be
├── UploadsUnderWay    so many of the account's uploads are worked on already
├── FileTooLarge       the file has more bytes than one may have
├── NeverSubmitted     there is nothing to take back
├── NotAnnounced       the event is not submitted: visitors have heard nothing of it that could change
├── EventOver          nobody can come to the event any more, whatever is told
├── UnknownSlot        none of the event's slots bears this id
├── NoReport           nobody can say (yet, or any more) who came to this event
├── NoAttestation      nothing was reported that one could be given for
├── NotNow             it could not be made at this moment: worth asking again
├── Unacceptable       what was given, or kept, is not what today's rules ask for
│   └── Incomplete     a draft that was to be submitted lacks something, or is wrong somewhere
├── NamesItsAuthor     a text that was to become public says who its author is
├── AsksFirst          a text that was to become public holds what its organiser has to confirm
├── Resembles          another event that is submitted looks like the same one
└── LinkExpired        the link is too old, was used, or was not made by us
    ├── LinkReplaced          somebody has signed up for the address again since
    ├── PasswordLinkExpired   the link was to set a password
    └── InvitationExpired     it was to take up an invitation
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from backbone.campaign.edition import Edition, RegistrationPeriod

from .likeness import Lookalike
from .privacy import Disclosure
from .questions import Question


class Refused(Exception):
    """Nothing was changed."""


class AccountGone(Refused):
    """The account was erased since its token was made."""


class WrongCredentials(Refused):
    """No account has this address and this password."""


class NotConfirmed(WrongCredentials):
    """The account's address is not confirmed yet. Whoever signed up for another's address would learn from an answer of
    its own whether they have an account: it is told as the others are."""


class CodeAsked(Refused):
    """The password of this account was right, and its second factor is asked for too."""

    def __init__(self, account_id: UUID) -> None:
        super().__init__(account_id)
        self.account_id = account_id


class WrongCode(CodeAsked):
    """The second factor was not right, or has served already."""


class SecondFactorSet(Refused):
    """The account has a second factor already."""


class NoSecondFactor(Refused):
    """The account has no second factor."""


class SessionOver(Refused):
    """The session has ended, by time or by hand, or its token was spent, or is none."""


class UnknownKey(Refused):
    """None of the organisation's keys bears this id."""


class UnknownSession(Refused):
    """None of the account's sessions bears this id."""


class UnknownEvent(Refused):
    """None of the events that the account may read bears this id: the same for another's event as for none, ids tell
    nothing."""


class NotYours(Refused):
    """The account may read the event, or is of the organisation, and may not do this."""


class UnknownOrganisation(Refused):
    """The account is of no organisation that bears this id, whether there is one or not."""


class NoMember(Refused):
    """Nobody of the organisation bears this number."""


class AlreadyMember(Refused):
    """Who is invited is of the organisation already."""


class NoFederation(Refused):
    """Only a federation helps other organisations."""


class LastManager(Refused):
    """Somebody must manage the organisation while it has other people, or events."""


class TooManyInvitations(Refused):
    """The organisation has as many open invitations as one may have."""


class NotOpen(Refused):
    """Events of this edition are not submitted `today`."""

    def __init__(self, today: date, period: RegistrationPeriod) -> None:
        super().__init__(today)
        self.today, self.period = today, period


class WeekBegun(NotOpen):
    """What was submitted in time is not amended any more: the week has begun."""

    def __init__(self, today: date, edition: Edition) -> None:
        super().__init__(today, edition.registration)
        self.week = edition.week


class LateCodeRefused(NotOpen):
    """The code that was given is unknown, over, of another region, or has let another event in: which, is not told."""

    def __init__(self, now: datetime, edition: Edition) -> None:
        super().__init__(now.date(), edition.registration)


class OfAnotherEdition(Refused):
    """The event was submitted for another edition than the one that is played: submitted once more it would leave the
    list of its own year."""

    def __init__(self, its_own: str, current: str) -> None:
        super().__init__(its_own)
        self.its_own, self.current = its_own, current


class Changed(Refused):
    """Somebody has written since the version that was read; `version`: that of now."""

    def __init__(self, version: str) -> None:
        super().__init__(version)
        self.version = version


class VersionNeeded(Changed):
    """Who changes what somebody else keeps says which version they have read."""


class KeyReused(Refused):
    """Something else was asked under the same key."""


class ExternalIdTaken(Refused):
    """Another event of the organisation bears the name: `event_id`."""

    def __init__(self, event_id: UUID) -> None:
        super().__init__(event_id)
        self.event_id = event_id


class UnknownUpload(Refused):
    """None of the account's uploads bears this id."""


class NotCheckedYet(Refused):
    """The upload is still read, or cannot be: there is nothing to apply yet. `state`: where it stands."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class UploadsUnderWay(Refused):
    """So many uploads of the account are worked on that another one waits at the door."""


class FileTooLarge(Refused):
    """The file has more bytes than one may have."""


class NeverSubmitted(Refused):
    """There is nothing to take back."""


class NotAnnounced(Refused):
    """The event is not submitted: visitors have heard nothing of it that could change."""


class EventOver(Refused):
    """Nobody can come to the event any more, whatever is told."""


class UnknownSlot(Refused):
    """None of the event's slots bears this id."""


class WhyNoReport(StrEnum):
    """Why nobody can say who came to an event."""

    NO_LABEL = "no_label"
    """It has no label, or did not take place."""
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"


class NoReport(Refused):
    """Nobody can say (yet, or any more) who came to this event."""

    def __init__(self, why: WhyNoReport) -> None:
        super().__init__(why)
        self.why = why


class NoAttestation(Refused):
    """Nothing was reported that an attestation could be given for, or there is none of this number."""


class NotNow(Refused):
    """It could not be made at this moment: worth asking again."""

    retry_after = 30  # seconds


class Unacceptable(Refused):
    """What was given, or kept, is not what today's rules ask for; `faults` are pydantic's, one for each field."""

    def __init__(self, faults: Sequence[Mapping[str, Any]]) -> None:
        super().__init__([fault["loc"] for fault in faults])
        self.faults = faults

    @classmethod
    def because(cls, refused: ValidationError) -> Unacceptable:
        return cls(refused.errors())

    @classmethod
    def field(cls, name: str, error: ValueError) -> Unacceptable:
        """One field is wrong, and the error's words (in French) say why."""
        return cls([{"type": "value_error", "loc": (name,), "ctx": {"error": error}}])


class Incomplete(Unacceptable):
    """A draft that was to be submitted lacks something, or is wrong somewhere."""


class NamesItsAuthor(Refused):
    """The text that was to become public says who its author is."""

    def __init__(self, found: Sequence[Disclosure]) -> None:
        super().__init__([disclosure.field for disclosure in found])
        self.found = found


class AsksFirst(Refused):
    """A text that was to become public holds what its organiser has to confirm."""

    def __init__(self, asked: Sequence[Question]) -> None:
        super().__init__([question.field for question in asked])
        self.asked = asked


class Resembles(Refused):
    """These events are submitted, and look like this one: whoever submits it says that it is another, or leaves it."""

    def __init__(self, found: Sequence[Lookalike]) -> None:
        super().__init__(len(found))
        self.found = found


class LinkExpired(Refused):
    """The link is too old, was used, or was not made by us."""


class LinkReplaced(LinkExpired):
    """Somebody has signed up for the address again since."""


class PasswordLinkExpired(LinkExpired):
    """The link was to set a password."""


class InvitationExpired(LinkExpired):
    """The invitation was taken up, taken back, or its time is over."""
