"""Which version is the oldest that can run on the database."""

import sqlalchemy as sa
from alembic import op

revision = "floor_0005"
down_revision = "floor_0004"
branch_labels = None
depends_on = None
step = "expand"


def upgrade() -> None:
    op.create_table(
        "oldest_versions",
        sa.Column("branch", sa.Text, primary_key=True),
        sa.Column("migration", sa.Text, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("oldest_versions")
