"""Which events a receiver has perhaps: a request was on its way."""

import sqlalchemy as sa
from alembic import op

revision = "map_feed_0005"
down_revision = "map_feed_0004"
branch_labels = None
depends_on = None
step = "expand"


def upgrade() -> None:
    op.add_column("webhook_events", sa.Column("is_sure", sa.Boolean, nullable=False, server_default=sa.true()))


def downgrade() -> None:
    op.drop_column("webhook_events", "is_sure")
