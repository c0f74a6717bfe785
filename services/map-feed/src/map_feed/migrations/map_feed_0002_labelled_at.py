"""When what the public sees was labelled: what a sitemap says of a page; `sdi rebuild` fills in old rows."""

import sqlalchemy as sa
from alembic import op

revision = "map_feed_0002"
down_revision = "map_feed_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("events", sa.Column("labelled_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("events", "labelled_at")
