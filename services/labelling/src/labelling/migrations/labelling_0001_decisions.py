"""The newest decision on each event."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "labelling_0001"
down_revision = None
branch_labels = ("labelling",)
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "decisions",
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("region", sa.Text),
        sa.Column("due_at", INSTANT),
        sa.Column("fact", JSONB),
        sa.Column("decided_by", sa.Uuid),
        sa.Column("changed_at", INSTANT, nullable=False, server_default=sa.func.now()),
        sa.CheckConstraint("state IN ('labelled', 'rejected', 'in_review', 'withdrawn')", name="state"),
    )
    op.create_index(
        "ix_decisions_queue", "decisions", ["region", "due_at"], postgresql_where=sa.text("state = 'in_review'")
    )


def downgrade() -> None:
    op.drop_table("decisions")
