"""Whom to write to, and the kit of each labelled revision."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "commskit_0001"
down_revision = None
branch_labels = ("commskit",)
depends_on = None

INSTANT = sa.DateTime(timezone=True)
STATES = "'pending', 'sending', 'uncertain', 'resending', 'accepted', 'failed', 'superseded'"


def upgrade() -> None:
    op.create_table(
        "organisers",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
    )
    op.create_table(
        "kits",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("event", JSONB, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default="pending"),
        sa.Column("receipt", sa.Text),
        sa.Column("labelled_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False, server_default=sa.func.now()),
        sa.UniqueConstraint("event_id", "revision"),
        sa.CheckConstraint(f"state IN ({STATES})", name="state"),
    )
    op.create_table(
        "gone",
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    for table in ("gone", "kits", "organisers"):
        op.drop_table(table)
