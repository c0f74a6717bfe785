"""Accounts, events, timeline, limits."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "registration_0001"
down_revision = None
branch_labels = ("registration",)
depends_on = None
step = "expand"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("email", sa.Text, nullable=False, unique=True),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("organisation", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False, server_default="organiser"),
        sa.Column("regions", sa.ARRAY(sa.Text), nullable=False, server_default="{}"),
        sa.Column("created_at", INSTANT, nullable=False, server_default=sa.func.now()),
        sa.Column("confirmed_at", INSTANT),
        sa.Column("sign_up", sa.Uuid, nullable=False, server_default=sa.func.gen_random_uuid()),
        sa.Column("is_contested", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.CheckConstraint("role IN ('organiser', 'reviewer', 'administrator')", name="role"),
    )
    # of an erased person's events the bare numbers stay: nobody's, and without a text
    op.create_table(
        "events",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), index=True),
        sa.Column("draft", JSONB),
        sa.Column("submitted_draft", JSONB),
        sa.Column("edition", sa.Text, nullable=False, server_default=""),
        sa.Column("revision", sa.Integer, nullable=False, server_default="0"),
        sa.Column("sequence", sa.Integer, nullable=False, server_default="0"),
        sa.Column("heard", JSONB, nullable=False, server_default="{}"),
        sa.Column("state", sa.Text, nullable=False, server_default="draft"),
        sa.Column("created_at", INSTANT, nullable=False, server_default=sa.func.now()),
    )
    op.create_table(
        "timeline",
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("sequence", sa.Integer, primary_key=True),
        sa.Column("noted", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "limits",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("empty_at", INSTANT, nullable=False, index=True),
    )


def downgrade() -> None:
    for table in ("limits", "timeline", "events", "accounts"):
        op.drop_table(table)
