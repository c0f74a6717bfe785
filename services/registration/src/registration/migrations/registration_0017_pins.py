"""Where geocoding has placed each event."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "registration_0017"
down_revision = "registration_0016"
branch_labels = None
depends_on = None
step = "expand"


def upgrade() -> None:
    op.add_column("events", sa.Column("pin", JSONB))


def downgrade() -> None:
    op.drop_column("events", "pin")
