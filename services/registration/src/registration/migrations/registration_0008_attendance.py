"""Who came: what organisers report after their event."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "registration_0008"
down_revision = "registration_0007"
branch_labels = None
depends_on = None
step = "expand"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "attendance",
        sa.Column("event_id", sa.Uuid, sa.ForeignKey("events.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("edition", sa.Text, nullable=False),
        sa.Column("region", sa.Text),
        sa.Column("asked", sa.Integer, nullable=False, server_default="0"),
        sa.Column("number", sa.Text, unique=True),
        sa.Column("visitors", JSONB),
        sa.Column("word", sa.Text),
        sa.Column("shown", JSONB),
        sa.Column("filed_at", INSTANT),
        sa.Column("changed_at", INSTANT),
    )
    op.create_index("ix_attendance_edition", "attendance", ["edition", "region"])


def downgrade() -> None:
    op.drop_table("attendance")
