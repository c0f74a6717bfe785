"""The read model: one row for each event, whatever was heard of it first."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "map_feed_0001"
down_revision = None
branch_labels = ("map_feed",)
depends_on = None
step = "expand"


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("decided_revision", sa.Integer, nullable=False, server_default="0"),
        sa.Column("decided_sequence", sa.Integer, nullable=False, server_default="0"),
        sa.Column("label", sa.Text),
        sa.Column("withdrawn_revision", sa.Integer, nullable=False, server_default="0"),
        sa.Column("event", JSONB),
        sa.Column("labelled_at", sa.DateTime(timezone=True)),
        sa.Column("locations", JSONB, nullable=False, server_default=sa.text("'{}'")),
        sa.Column(
            "written_in", sa.BigInteger, nullable=False, server_default=sa.text("pg_current_xact_id()::text::bigint")
        ),
        sa.PrimaryKeyConstraint("event_id", name="pk_events"),
    )
    op.create_index("ix_events_written_in", "events", ["written_in"])


def downgrade() -> None:
    op.drop_table("events")
