"""The venue of each event, and where it was found."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "geocoding_0001"
down_revision = None
branch_labels = ("geocoding",)
depends_on = None
step = "expand"


def upgrade() -> None:
    op.create_table(
        "venues",
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("heard_revision", sa.Integer, nullable=False, server_default="0"),
        sa.Column("heard_sequence", sa.Integer, nullable=False, server_default="0"),
        sa.Column("edition", sa.Text, nullable=False, server_default=""),
        sa.Column("state", sa.Text),
        sa.Column("location", JSONB),
        sa.Column("sequence", sa.Integer, nullable=False, server_default="0"),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.CheckConstraint("state IN ('waiting', 'located', 'not_located', 'online', 'withdrawn')", name="state"),
    )


def downgrade() -> None:
    op.drop_table("venues")
