"""What each step of a look-up did, and why, kept with its result."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "geocoding_0002"
down_revision = "geocoding_0001"
branch_labels = None
depends_on = None
step = "expand"


def upgrade() -> None:
    op.add_column("venues", sa.Column("whys", JSONB))


def downgrade() -> None:
    op.drop_column("venues", "whys")
