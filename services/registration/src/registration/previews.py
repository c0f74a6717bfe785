"""Every mail that registration sends, made of one sample account, so that a person can look at them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from types import MappingProxyType
from uuid import UUID
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backbone.contracts import Admission, Audience, EventKind, PublicEvent, Slot
from backbone.mail.letter import Letter

from .confirmation import Confirmations
from .domain.invitation import InvitationKind
from .domain.notices import Notice
from .domain.story import State
from .store import Account, ApiKey, Invitation, StoredEvent

_ID = UUID("7c1f0a51-90c2-4e59-8f3c-19f6d7a8b102")
_SENDER = "La Semaine de l'industrie <ne-pas-repondre@semaine-industrie.example>"
_SITE = "https://inscription.semaine-industrie.example"
_INES = Account(
    id=_ID,
    email="ines@fonderie.example",
    password_hash="",
    name="Inès Payet",
    organisation="Fonderie de l’Erdre",
    role="organiser",
    regions=[],
    sign_up=_ID,
    is_contested=False,
    is_confirmed=True,
)


_EVENT = StoredEvent(
    id=_ID,
    account_id=_ID,
    draft={"title": "Du métal en fusion à la pièce finie"},
    revision=1,
    sequence=1,
    edition="2026",
    state=State.LABELLED,
    is_changed=False,
)
_INVITATION = Invitation(
    id=_ID,
    kind=InvitationKind.COLLEAGUE,
    email="paule@fonderie.example",
    organisation_id=_ID,
    role="member",
    event_id=_ID,
    created_at=datetime(2026, 6, 1, tzinfo=UTC),
    expires_at=datetime(2026, 6, 15, tzinfo=UTC),
    organisation="Fonderie de l’Erdre",
    title="Du métal en fusion à la pièce finie",
    event_organisation="Fonderie de l’Erdre",
)


def _links() -> Confirmations:
    return Confirmations([Ed25519PrivateKey.generate()], _SITE, _SENDER)  # of a key that nobody has: they open nothing


def _confirmation(_: date) -> Letter:
    return _links().mail(_INES, _ID)


def _password(_: date, *, was_signing_up: bool) -> Letter:
    return _links().password_mail(_INES, _ID, was_signing_up=was_signing_up)


def _reminder(week_first: date, *, is_late: bool) -> Letter:
    due = datetime.combine(week_first - timedelta(days=70), time(18), ZoneInfo("Europe/Paris"))
    return _links().reminder(_INES, _ID, "52", 3, due, link=f"{_SITE}/relecture", is_late=is_late)


def _invitation(_: date, *, kind: InvitationKind) -> Letter:
    return _links().invitation_mail(_INVITATION._replace(kind=kind), _ID)


def _unfinished(week_first: date, *, titles: Sequence[str | None]) -> Letter:
    return _links().unfinished(_INES, _ID, titles, week_first - timedelta(days=10))


def _about_event(_: date, *, folder: str) -> Letter:
    return _links().event_mail(_INES, _ID, folder, _EVENT)


def _attendance(week_first: date) -> Letter:
    day, zone = week_first + timedelta(days=1), ZoneInfo("Europe/Paris")
    last = datetime.combine(day, time(11, 30), zone)
    slot = Slot(starts_at=last - timedelta(hours=2), ends_at=last)
    event = PublicEvent(
        event_id=_ID,
        revision=1,
        edition=str(week_first.year),
        organiser_id=_ID,
        organisation=_INES.organisation,
        title="Du métal en fusion à la pièce finie",
        description="Suivez une pièce, du four à l’emballage.",
        kind=EventKind.COMPANY_VISIT,
        audiences=(Audience.PUPILS,),
        admission=Admission.EVERYONE,
        is_free=True,
        slots=(slot,),
        timezone="Europe/Paris",
        online_url="https://fonderie.example",
    )
    return _links().attendance(_INES, _ID, event, last)


def _notice(_: date, *, what: Notice) -> Letter:
    return _links().notice(_INES, _ID, what)


def _help(_: date, *, helper: str, act: str) -> Letter:
    return _links().help_mail(_INES, _ID, _EVENT, helper, act)


def _new_address(_: date) -> Letter:
    return _links().new_address_mail(_INES, _ID, "ines@forge.example")


def _key_ends(week_first: date) -> Letter:
    ends = datetime.combine(week_first - timedelta(days=70), time(9), ZoneInfo("Europe/Paris"))
    key = ApiKey(_ID, _ID, _ID, "sdi_k3j7x2ab", "Agenda du site", ["events:write"], ends, ends, None)
    return _links().key_mail(_INES, _ID, key, _INES.organisation)


PREVIEWS: Mapping[str, Callable[[date], Letter]] = MappingProxyType(
    {
        "confirmation": _confirmation,
        "account-exists": partial(_password, was_signing_up=True),
        "new-password": partial(_password, was_signing_up=False),
        "invitation": partial(_invitation, kind=InvitationKind.COLLEAGUE),
        "invitation-to-claim": partial(_invitation, kind=InvitationKind.CLAIM),
        "invitation-of-federation": partial(_invitation, kind=InvitationKind.FEDERATION),
        "handed-over": partial(_about_event, folder="handed-over"),
        "new-address": _new_address,
        "api-key-ends": _key_ends,
        **{f"account-notice-{what}": partial(_notice, what=what) for what in Notice},
        "helped": partial(_help, helper="coordinator", act="edit"),
        "helped-to-submit": partial(_help, helper="federation", act="submit"),
        "reminder": partial(_reminder, is_late=False),
        "reminder-late": partial(_reminder, is_late=True),
        "attendance": _attendance,
        "unfinished": partial(_unfinished, titles=("Du métal en fusion à la pièce finie",)),
        "unfinished-several": partial(_unfinished, titles=("Du métal en fusion à la pièce finie", None)),
        "unused-account": lambda _: _links().unused_account(_INES, _ID),
    }
)
"""Each mail by its name, and what makes it in the year of a week that begins on this day."""
