"""The newest decision on each event, as its organiser reads it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "registration_0002"
down_revision = "registration_0001"
branch_labels = None
depends_on = None
step = "expand"


def upgrade() -> None:
    op.add_column("events", sa.Column("word", JSONB))


def downgrade() -> None:
    op.drop_column("events", "word")
