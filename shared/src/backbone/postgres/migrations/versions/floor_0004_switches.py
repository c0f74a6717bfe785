"""What an operator turns while the service runs."""

import sqlalchemy as sa
from alembic import op

revision = "floor_0004"
down_revision = "floor_0003"
branch_labels = None
depends_on = None
step = "expand"


def upgrade() -> None:
    op.create_table(
        "switches",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("per_minute", sa.Integer),
        sa.Column("note", sa.Text, nullable=False, server_default=""),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    )


def downgrade() -> None:
    op.drop_table("switches")
