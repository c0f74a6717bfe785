"""Who was erased."""

import sqlalchemy as sa
from alembic import op

revision = "commskit_0002"
down_revision = "commskit_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("erased", sa.Column("organiser_id", sa.Uuid, primary_key=True))


def downgrade() -> None:
    op.drop_table("erased")
