"""Registration's tables."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    false,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from backbone.postgres.database import NAMING

from ..domain.story import State

metadata = MetaData(naming_convention=NAMING)
INSTANT = DateTime(timezone=True)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("email", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("role", Text, nullable=False, server_default="organiser"),
    Column("regions", ARRAY(Text), nullable=False, server_default="{}"),
    # not a role of its own, which an older version's rule about roles refuses: to that one they are organisers
    Column("coordinates", ARRAY(Text), nullable=False, server_default="{}", comment="the regions of a coordinator"),
    Column("created_at", INSTANT, nullable=False, server_default=func.now()),
    Column("confirmed_at", INSTANT),
    Column(
        "sign_up",
        Uuid,
        nullable=False,
        server_default=func.gen_random_uuid(),
        comment="which sign-up the details are of; a link confirms one",
    ),
    Column("used_at", INSTANT, nullable=False, server_default=func.now(), index=True, comment="signed in last"),
    Column("farewell_at", INSTANT, comment="told that it goes, as nobody uses it"),
    Column("is_contested", Boolean, nullable=False, server_default=false(), comment="signed up with two passwords"),
)
sessions = Table(
    "sessions",
    metadata,
    Column("id", Uuid, primary_key=True, comment="as its owner sees it; no token is made of it"),
    Column(
        "account_id",
        Uuid,
        ForeignKey("accounts.id", ondelete="CASCADE"),  # the release before this one erases accounts too
        nullable=False,
        index=True,
    ),
    Column("family", LargeBinary, nullable=False, unique=True, comment="a hash of what its refresh tokens share"),
    Column("current", LargeBinary, nullable=False, comment="a hash of the refresh token that is good now"),
    Column("previous", LargeBinary, comment="a hash of the one before"),
    Column("is_strong", Boolean, nullable=False, server_default=false(), comment="begun with the second factor too"),
    Column("browser", Text, nullable=False, comment="a coarse word: « Firefox sur Windows »"),
    Column("created_at", INSTANT, nullable=False, server_default=func.now()),
    Column("used_at", INSTANT, nullable=False, server_default=func.now(), comment="when the current one was given"),
)
second_factors = Table(
    "second_factors",
    metadata,
    Column("account_id", Uuid, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("secret", Text, nullable=False, comment="sealed"),
    Column("sealed_by", Text, nullable=False, comment="the name of the key that sealed it"),
    Column("last_step", BigInteger, nullable=False, comment="the half minute whose code was used last"),
    Column("recovery_codes", ARRAY(LargeBinary), nullable=False, comment="hashes of those that are left"),
    Column("set_at", INSTANT, nullable=False, server_default=func.now()),
)
api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organisation_id", Uuid, ForeignKey("organisations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column(
        "account_id",
        Uuid,
        ForeignKey("accounts.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
        comment="who made it, as whom its program acts",
    ),
    Column("prefix", Text, nullable=False, comment="how it begins: what names it in lists and logs"),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("created_at", INSTANT, nullable=False, server_default=func.now()),
    Column("ends_at", INSTANT, nullable=False),
    Column("last_used_on", Date),
)
limits = Table(
    "limits",
    metadata,
    Column("key", LargeBinary, primary_key=True, comment="a hash of what is limited"),
    Column("empty_at", INSTANT, nullable=False, index=True, comment="when its bucket has leaked out"),
)
organisations = Table(
    "organisations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, comment="of OrganisationKind; null: not said"),
    Column("siret", Text),
    Column("federation_id", Uuid, ForeignKey("organisations.id", ondelete="SET NULL"), index=True),
    Column("created_at", INSTANT, nullable=False, server_default=func.now()),
)
# an earlier release deletes accounts and knows nothing of these rows
members = Table(
    "members",
    metadata,
    Column("organisation_id", Uuid, ForeignKey("organisations.id", ondelete="CASCADE"), primary_key=True),
    Column("account_id", Uuid, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("role", Text, nullable=False, comment="manager or member"),
    Column("since", INSTANT, nullable=False, server_default=func.now()),
)
events = Table(
    "events",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, ForeignKey("accounts.id"), index=True, comment="null: the organiser is erased"),
    # no foreign key: an older version knows no rule about it
    Column("organisation_id", Uuid, index=True, comment="null: of its keeper alone, until they share"),
    Column("draft", JSONB(none_as_null=True), comment="null: the organiser is erased"),
    Column("submitted_draft", JSONB(none_as_null=True), comment="the draft as of the last submission"),
    Column("edition", Text, nullable=False, server_default="", comment="for which it was last submitted"),
    Column("revision", Integer, nullable=False, server_default="0", comment="0: never submitted"),
    Column("sequence", Integer, nullable=False, server_default="0", comment="of the last fact told of it"),
    Column("heard", JSONB, nullable=False, server_default="{}", comment="writer: [revision, sequence] of its newest"),
    Column("state", Text, nullable=False, server_default=State.DRAFT),
    Column(
        "word", JSONB(none_as_null=True), comment="the newest decision, as told to its organiser; null: none, or erased"
    ),
    Column("pin", JSONB(none_as_null=True), comment="where geocoding has placed it; null: nowhere, yet, or erased"),
    Column("measures", JSONB, nullable=False, server_default="[]", comment="that hold for it, the oldest first"),
    Column("created_at", INSTANT, nullable=False, server_default=func.now()),
)
Index(
    "ix_events_sittings",
    text("sittings(submitted_draft)"),
    postgresql_using="gin",
    postgresql_with={"fastupdate": "off"},
    _table=events,
)
distinctions = Table(
    "distinctions",
    metadata,
    Column("event_id", Uuid, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True),
    # no key of another table: to insert would wait for whoever submits the other, who waits for us
    Column("other_id", Uuid, primary_key=True, index=True, comment="the event that this one is not"),
    Column(
        "said_by",
        Uuid,
        ForeignKey("accounts.id", ondelete="CASCADE"),  # whatever release erases the account
        nullable=False,
        index=True,
    ),
    Column("said_at", INSTANT, nullable=False),
)
Index(
    "uq_events_external_id",
    func.coalesce(events.c.organisation_id, events.c.account_id),
    events.c.draft["external_id"].astext,
    unique=True,
)
late_codes = Table(
    "late_codes",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("region", Text, comment="whose events it lets in; null: any"),
    Column("ends_at", INSTANT, nullable=False),
    Column("given_by", Uuid, ForeignKey("accounts.id", ondelete="SET NULL"), index=True),
    Column("given_at", INSTANT, nullable=False, server_default=func.now()),
    Column("event_id", Uuid, comment="the one that it let in"),
)
answers = Table(
    "answers",
    metadata,
    Column("account_id", Uuid, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("key", Text, primary_key=True, comment="that the caller gave"),
    Column("fingerprint", LargeBinary, nullable=False, comment="a hash of what was asked"),
    Column("status", Integer),
    Column("headers", JSONB),
    Column("body", Text, comment="as it was answered"),
    Column("asked_at", INSTANT, nullable=False, server_default=func.now(), index=True),
)
pictures = Table(
    "pictures",
    metadata,
    Column("id", Uuid, primary_key=True, comment="of chance: whoever knows it sees the picture"),
    Column("event_id", Uuid, ForeignKey("events.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("base", Text, nullable=False, comment="where this service was reached when it came"),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("large", LargeBinary, nullable=False),
    Column("small", LargeBinary, nullable=False),
    Column("created_at", INSTANT, nullable=False, server_default=func.now()),
    Column("left_at", INSTANT, comment="since when its event does not name it"),
)
timeline = Table(
    "timeline",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("noted", BigInteger, Identity(always=True), nullable=False, comment="the order of what was at one instant"),
    Column("at", INSTANT, nullable=False),
    Column("text", Text, nullable=False),
)
invitations = Table(
    "invitations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("email", Text, nullable=False, index=True, comment="that it was mailed to, of an account or not"),
    Column("organisation_id", Uuid, ForeignKey("organisations.id", ondelete="CASCADE"), index=True),
    Column("role", Text, comment="in the organisation"),
    Column("event_id", Uuid, ForeignKey("events.id", ondelete="CASCADE"), index=True),
    Column("invited_by", Uuid, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", INSTANT, nullable=False, server_default=func.now()),
    Column("expires_at", INSTANT, nullable=False, index=True),
)
attendance = Table(
    "attendance",
    metadata,
    Column("event_id", Uuid, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True),
    Column("edition", Text, nullable=False),
    Column("region", Text, comment="where it took place; 00: online; null: nobody knows"),
    Column("asked", Integer, nullable=False, server_default="0", comment="how many mails have asked for it"),
    Column("number", Text, unique=True, comment="of the attestation; null: nothing is reported yet"),
    Column("visitors", JSONB(none_as_null=True), comment="audience: how many came"),
    Column("word", Text, comment="never published: it may name people"),
    Column("shown", JSONB(none_as_null=True), comment="what the attestation says; null: the organiser is erased"),
    Column("filed_at", INSTANT, comment="null: nothing is reported yet"),
    Column("changed_at", INSTANT),
)
Index("ix_attendance_edition", attendance.c.edition, attendance.c.region)
uploads = Table(
    "uploads",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("organisation_id", Uuid, nullable=False, comment="whose the new events are"),
    Column("filename", Text, nullable=False),
    Column("series", Text, nullable=False, server_default="", comment="files of one series replace each other"),
    Column("size", Integer, nullable=False, comment="in bytes"),
    Column("state", Text, nullable=False),
    Column("problem", Text, comment="why the file cannot be read, in French"),
    Column("sheet", Text),
    Column("headings", JSONB, nullable=False, server_default="[]"),
    Column("heading_row", Integer, nullable=False, server_default="0"),
    Column("notices", JSONB, nullable=False, server_default="[]", comment="of how it was read, in French"),
    Column("application", JSONB(none_as_null=True), comment="what was asked to be done with its rows"),
    Column("created_at", INSTANT, nullable=False, server_default=func.now()),
)
upload_parts = Table(
    "upload_parts",
    metadata,
    Column("upload_id", Uuid, ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
upload_rows = Table(
    "upload_rows",
    metadata,
    Column("upload_id", Uuid, ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, comment="as the spreadsheet counts"),
    Column("cells", ARRAY(Text), nullable=False),
    Column("external_id", Text),
    Column("event_id", Uuid, nullable=False),
    Column("draft", JSONB(none_as_null=True), comment="null: it is not one"),
    Column("faults", JSONB, nullable=False, server_default="[]"),
    Column("notes", JSONB, nullable=False, server_default="[]", comment="what was mended on the way, in French"),
    Column("outlook", Text, nullable=False),
    Column("change", Text, nullable=False),
    Column("assessment", Text, comment="what the rules of the label would say; null: not asked"),
    Column("outcome", Text, comment="null: not applied yet"),
    Column("said", Text, comment="why no more came of it, in French"),
)
uploaded_events = Table(
    "uploaded_events",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("organisation_id", Uuid, nullable=False, index=True),
    Column("series", Text, nullable=False),
    Column("external_id", Text),
)
