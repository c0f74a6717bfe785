"""An erased person's events stay, as numbers only: nobody's, and without a text."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "registration_0002"
down_revision = "registration_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("events", "account_id", existing_type=sa.Uuid, nullable=True)
    op.alter_column("events", "draft", existing_type=JSONB, nullable=True)


def downgrade() -> None:
    # the tables of before have no room for an event that is nobody's
    op.execute("DELETE FROM events WHERE account_id IS NULL")
    op.alter_column("events", "draft", existing_type=JSONB, nullable=False)
    op.alter_column("events", "account_id", existing_type=sa.Uuid, nullable=False)
