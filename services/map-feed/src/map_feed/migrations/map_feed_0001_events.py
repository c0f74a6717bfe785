"""The read model: one row per event, whatever was heard of it first."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "map_feed_0001"
down_revision = None
branch_labels = ("map_feed",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("labelled_revision", sa.Integer),
        sa.Column("event", JSONB),
        sa.Column("locations", JSONB, nullable=False, server_default=sa.text("'{}'")),
        sa.Column("withdrawn_revision", sa.Integer),
        sa.Column("written_in", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_events"),
        sa.CheckConstraint("(labelled_revision IS NULL) = (event IS NULL)", name="ck_events_labelled_whole"),
    )
    op.create_index("ix_events_written_in", "events", ["written_in"])


def downgrade() -> None:
    op.drop_table("events")
