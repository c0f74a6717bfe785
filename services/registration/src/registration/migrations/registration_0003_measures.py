"""What was decided for many events at once: that they are called off, or held online."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "registration_0003"
down_revision = "registration_0002"
branch_labels = None
depends_on = None
step = "expand"


def upgrade() -> None:
    op.add_column("events", sa.Column("measures", JSONB, nullable=False, server_default=sa.text("'[]'")))


def downgrade() -> None:
    op.drop_column("events", "measures")
