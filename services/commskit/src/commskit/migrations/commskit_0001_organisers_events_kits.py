"""Whom to write to, what was heard of each event, and the kits of its revisions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "commskit_0001"
down_revision = None
branch_labels = ("commskit",)
depends_on = None
step = "expand"

INSTANT = sa.DateTime(timezone=True)
STATES = "'pending', 'sending', 'uncertain', 'resending', 'accepted', 'failed', 'superseded'"


def upgrade() -> None:
    op.create_table(
        "organisers",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text),
        sa.Column("email", sa.Text),
        sa.Column("is_erased", sa.Boolean, nullable=False, server_default="false"),
        sa.CheckConstraint("NOT (is_erased AND (name, email) IS DISTINCT FROM (NULL, NULL))", name="nobody_erased"),
    )
    op.create_table(
        "events",
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("edition", sa.Text, nullable=False, server_default=""),
        sa.Column("sequence", sa.Integer, nullable=False, server_default="0"),
        sa.Column("decided_revision", sa.Integer, nullable=False, server_default="0"),
        sa.Column("decided_sequence", sa.Integer, nullable=False, server_default="0"),
        sa.Column("labelled_revision", sa.Integer, nullable=False, server_default="0"),
        sa.Column("takes_place", sa.Boolean, nullable=False, server_default="true"),
        sa.Column("withdrawn_revision", sa.Integer, nullable=False, server_default="0"),
    )
    op.create_table(
        "kits",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("event_id", sa.Uuid, sa.ForeignKey("events.event_id"), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("organiser_id", sa.Uuid, nullable=False, index=True),
        sa.Column("event", JSONB),
        sa.Column("labelled_at", INSTANT, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default="pending"),
        sa.Column("receipt", sa.Text),
        sa.Column("copies", sa.Integer, nullable=False),
        sa.Column("orders", sa.Integer, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False, server_default=sa.func.now()),
        sa.UniqueConstraint("event_id", "revision"),
        sa.CheckConstraint(f"state IN ({STATES})", name="state"),
    )


def downgrade() -> None:
    for table in ("kits", "events", "organisers"):
        op.drop_table(table)
