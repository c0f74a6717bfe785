"""The links that are mailed, signed so that nothing secret is stored, and the mails around them.

confirm-address   confirms one sign-up: the details that were given with it, and no others
new-address       makes the address that it was mailed to the account's, once
new-password      sets a password, once: it is for the password that was there when it was made
invitation        takes up an invitation, once: it is for a row that goes with that
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape
from jwt.types import Options

from backbone.campaign.dates import in_full, moment
from backbone.campaign.geography import ONLINE
from backbone.campaign.typography import in_french
from backbone.contracts import PublicEvent
from backbone.http.sheet import style
from backbone.mail.letter import Letter

from .domain.account import CONFIRMATION_HOURS, FAREWELL_DAYS, NEW_PASSWORD_HOURS
from .domain.attendance import OPEN_FOR, Shown, until_in_words
from .domain.helping import sentence
from .domain.invitation import INVITATION_DAYS
from .domain.refusals import InvitationExpired, LinkExpired, PasswordLinkExpired
from .domain.reviewing import desk_name
from .domain.rights import Act
from .store import Account, ApiKey, Invitation, StoredEvent

PURPOSE = "confirm-address"  # the audience of these tokens: an access token does not confirm, nor the reverse
ATTENDANCE = "attendance"
NEW_ADDRESS = "new-address"
NEW_PASSWORD = "new-password"  # noqa: S105 (the audience of the others)
INVITATION = "invitation"
UNTITLED = "sans titre"
MOST_DRAFTS = 5
NOTHING: Mapping[str, object] = MappingProxyType({})


def message_id(mail_id: UUID) -> str:
    """The Message-ID of a mail: by it its copy is found when the person is erased."""
    return f"<{mail_id}@registration.semaine-industrie.example>"


class Link(NamedTuple):
    """What a link is for: an account, and one sign-up or one password of it."""

    account_id: UUID
    about: str


class Confirmations:
    """Makes and reads links. `public_url` is where organisers reach registration. Of the `keys` the first signs, and
    what any of them has signed is believed."""

    def __init__(self, keys: Sequence[Ed25519PrivateKey], public_url: str, mail_from: str) -> None:
        self._key, self._public, self.public_url, self._from = (
            keys[0],
            [key.public_key() for key in keys],
            public_url.rstrip("/"),
            mail_from,
        )
        self.templates = Environment(
            loader=ChoiceLoader([PackageLoader("registration"), PackageLoader("backbone.mail")]),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
        )
        self.templates.filters["fr"] = in_french
        self.templates.globals["sheet_style"] = style()

    def token(self, account: Account) -> str:
        """What confirms the address of the account, with the details that it has now."""
        return self._signed(PURPOSE, account.id, str(account.sign_up), CONFIRMATION_HOURS)

    def sign_up(self, token: str) -> Link:
        """Which sign-up the token confirms. Raises LinkExpired."""
        return self._read(PURPOSE, token)

    def password_token(self, account: Account) -> str:
        """What sets a new password in place of the one that the account has now."""
        return self._signed(NEW_PASSWORD, account.id, password_of(account), NEW_PASSWORD_HOURS)

    def replaced_password(self, token: str) -> Link:
        """Which password the token replaces. Raises PasswordLinkExpired."""
        try:
            return self._read(NEW_PASSWORD, token)
        except LinkExpired as error:
            raise PasswordLinkExpired from error

    def new_address_mail(self, account: Account, mail_id: UUID, address: str) -> Letter:
        """The mail to an address that is to be the account's; it says nothing of whose that is."""
        token = self._signed(NEW_ADDRESS, account.id, f"{name_and_password_of(account)} {address}", CONFIRMATION_HOURS)
        words: dict[str, object] = {"link": f"{self.public_url}/nouvelle-adresse?jeton={token}"}
        words["hours"] = CONFIRMATION_HOURS
        return self._letter(account._replace(email=address), mail_id, "new-address", words)

    def new_address(self, token: str) -> tuple[Link, str]:
        """Which account, as it was, the token is for, and the address that it confirms. Raises LinkExpired."""
        link = self._read(NEW_ADDRESS, token)
        about, _, address = link.about.partition(" ")
        return Link(link.account_id, about), address

    def mail(self, account: Account, mail_id: UUID) -> Letter:
        """The mail to a person who opened an account. Sent again under the same `mail_id`, it is the same mail.

        Nothing in it comes from whoever asked for the account: anybody may ask in anybody's name.
        """
        link = f"{self.public_url}/confirmer?jeton={self.token(account)}"
        return self._letter(account, mail_id, "confirmation", {"link": link, "hours": CONFIRMATION_HOURS})

    def password_mail(self, account: Account, mail_id: UUID, *, was_signing_up: bool) -> Letter:
        """The mail to a person who has an account already, or who has forgotten its password."""
        link = f"{self.public_url}/mot-de-passe?jeton={self.password_token(account)}"
        words = {"link": link, "hours": NEW_PASSWORD_HOURS, "is_confirmed": account.is_confirmed}
        return self._letter(account, mail_id, "account-exists" if was_signing_up else "new-password", words)

    def invitation_token(self, invitation: Invitation) -> str:
        """What takes up the invitation."""
        return self._signed(INVITATION, invitation.id, invitation.kind, INVITATION_DAYS * 24)

    def invitation(self, token: str) -> UUID:
        """Which invitation the token takes up. Raises InvitationExpired."""
        try:
            return self._read(INVITATION, token).account_id
        except LinkExpired as error:
            raise InvitationExpired from error

    def invitation_mail(self, invitation: Invitation, mail_id: UUID) -> Letter:
        """The mail to whoever is invited. It names no person: copies of it outlive whoever invited."""
        words = {"kind": invitation.kind, "organisation": invitation.organisation or "", "days": INVITATION_DAYS}
        words["link"] = f"{self.public_url}/invitation?jeton={self.invitation_token(invitation)}"
        words["title"] = invitation.title or UNTITLED
        return self._letter(invitation, mail_id, "invitation", words)

    def help_mail(self, account: Account, mail_id: UUID, event: StoredEvent, helper: str, act: str) -> Letter:
        """The mail to whoever keeps an event that somebody has edited or submitted for them."""
        said: dict[str, object] = {"sentence": sentence(helper, act), "is_submitted": act == Act.SUBMIT}
        return self.event_mail(account, mail_id, "helped", event, said)

    def event_mail(
        self, account: Account, mail_id: UUID, folder: str, event: StoredEvent, said: Mapping[str, object] = NOTHING
    ) -> Letter:
        """A mail about an event to whoever keeps it."""
        words = {
            **said,
            "title": event.draft.get("title") or UNTITLED,
            "link": f"{self.public_url}/evenements/{event.id}",
        }
        return self._letter(account, mail_id, folder, words)

    def reminder(
        self, account: Account, mail_id: UUID, region: str, waiting: int, due_at: datetime, *, link: str, is_late: bool
    ) -> Letter:
        """The mail to a reviewer about what waits for a decision until then, or has waited for longer."""
        when = moment(due_at)
        words = {"desk": desk_name(region), "waiting": waiting, "when": when, "link": link, "is_late": is_late}
        words["is_national"] = region == ONLINE
        return self._letter(account, mail_id, "reminder", words)

    def unfinished(self, account: Account, mail_id: UUID, drafts: Sequence[str | None], last: date) -> Letter:
        """The mail to a person whose drafts are not submitted, in the last week to do it."""
        words: dict[str, object] = {
            "titles": [title or UNTITLED for title in drafts[:MOST_DRAFTS]],
            "others": max(len(drafts) - MOST_DRAFTS, 0),
            "until": in_full(last),
            "link": f"{self.public_url}/mes-evenements",
        }
        return self._letter(account, mail_id, "unfinished", words)

    def unused_account(self, account: Account, mail_id: UUID) -> Letter:
        """The mail to a person whose account goes, as nobody uses it."""
        words: dict[str, object] = {"link": f"{self.public_url}/connexion", "days": FAREWELL_DAYS}
        return self._letter(account, mail_id, "unused-account", words)

    def attendance(self, account: Account, mail_id: UUID, event: PublicEvent, last: datetime) -> Letter:
        """The mail that asks an organiser who came to their event."""
        token = self.attendance_token(event.event_id, account.id)
        words: dict[str, object] = {
            "event_title": event.title,
            "days": Shown.of(event).days,
            "link": f"{self.public_url}/participation?jeton={token}",
            "until": until_in_words(last),
        }
        return self._letter(account, mail_id, "attendance", words)

    def attendance_token(self, event_id: UUID, account_id: UUID) -> str:
        """What lets its bearer say who came to an event, for its keeper: as long as that may be said at all, by the
        campaign's clock, which is asked then."""
        return self._signed(ATTENDANCE, event_id, str(account_id), OPEN_FOR // timedelta(hours=1))

    def asked_about(self, token: str) -> tuple[UUID, UUID]:
        """Which event the token is about, and who kept it. Raises LinkExpired."""
        link = self._read(ATTENDANCE, token)
        try:
            return link.account_id, UUID(link.about)
        except ValueError as error:
            raise LinkExpired from error

    def key_mail(self, account: Account, mail_id: UUID, key: ApiKey, organisation: str) -> Letter:
        """The mail that tells whoever made a key when it ends."""
        words: dict[str, object] = {"key_name": key.name, "prefix": key.prefix, "organisation": organisation}
        words["when"] = in_full(key.ends_at.astimezone(ZoneInfo("Europe/Paris")).date())
        return self._letter(account, mail_id, "api-key-ends", words)

    def notice(self, account: Account, mail_id: UUID, what: str, to: str = "") -> Letter:
        """The mail that tells what has happened to the account; `to` an address that was its until then."""
        words: dict[str, object] = {"what": what, "link": f"{self.public_url}/mot-de-passe"}
        return self._letter(account._replace(email=to or account.email), mail_id, "account-notice", words)

    def _letter(self, to: Account | Invitation, mail_id: UUID, folder: str, words: dict[str, object]) -> Letter:
        about = {"look": None, "name": "", "contact_url": "", **words}
        text = {part: self.templates.get_template(f"{folder}/{part}").render(about) for part in _PARTS}
        return Letter(
            message_id=message_id(mail_id),
            sender=self._from,
            to=to.email,
            subject=text["subject.txt"].strip(),
            text=text["body.txt"],
            html=text["body.html"],
            dated=datetime.now(UTC),
        )

    def _signed(self, purpose: str, subject: UUID, about: str, hours: int) -> str:
        expires = datetime.now(UTC) + timedelta(hours=hours)
        claims = {"sub": str(subject), "jti": about, "aud": purpose, "exp": expires}
        return jwt.encode(claims, self._key, algorithm="EdDSA")

    def _read(self, purpose: str, token: str) -> Link:
        for key in self._public:
            try:
                claims = jwt.decode(token, key, algorithms=["EdDSA"], audience=purpose, options=_NEEDED)
                return Link(UUID(claims["sub"]), str(claims["jti"]))
            except jwt.InvalidSignatureError:
                continue  # perhaps of the key before
            except (jwt.PyJWTError, ValueError) as error:
                raise LinkExpired from error
        raise LinkExpired


_NEEDED: Options = {"require": ["exp", "sub", "aud", "jti"]}
_PARTS = ("subject.txt", "body.txt", "body.html")


def name_and_password_of(account: Account) -> str:
    """Names the address and the password that an account has: a link that is for both serves once."""
    return hashlib.sha256(f"{account.email}:{password_of(account)}".encode()).hexdigest()[:32]


def password_of(account: Account) -> str:
    """Names the password of an account without telling anything of it; each new one is named differently.

    That of an account that is not confirmed has one name for all: whoever signs up again for an address of somebody
    else's must not make the links void that were mailed to its owner.
    """
    of = account.password_hash if account.is_confirmed else "unconfirmed"
    return hashlib.sha256(f"{account.id}:{of}".encode()).hexdigest()[:32]
