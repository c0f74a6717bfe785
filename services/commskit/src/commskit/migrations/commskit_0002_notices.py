"""The mails about the label, besides the kit."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "commskit_0002"
down_revision = "commskit_0001"
branch_labels = None
depends_on = None
step = "expand"

STATES = "'pending', 'sending', 'uncertain', 'resending', 'accepted', 'failed', 'superseded'"


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("event_id", sa.Uuid, sa.ForeignKey("events.event_id"), nullable=False, index=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("organiser_id", sa.Uuid, nullable=False, index=True),
        sa.Column("word", JSONB),
        sa.Column("state", sa.Text, nullable=False, server_default="pending"),
        sa.Column("receipt", sa.Text),
        sa.Column("copies", sa.Integer, nullable=False),
        sa.Column("orders", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.CheckConstraint(f"state IN ({STATES})", name="state"),
    )


def downgrade() -> None:
    op.drop_table("notices")
