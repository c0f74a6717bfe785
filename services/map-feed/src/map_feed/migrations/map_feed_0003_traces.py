"""A row says in which trace it changed last: that of its way from the organiser to the map."""

import sqlalchemy as sa
from alembic import op

revision = "map_feed_0003"
down_revision = "map_feed_0002"
branch_labels = None
depends_on = None
step = "expand"


def upgrade() -> None:
    op.add_column("events", sa.Column("traceparent", sa.Text))


def downgrade() -> None:
    op.drop_column("events", "traceparent")
