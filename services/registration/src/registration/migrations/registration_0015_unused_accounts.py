"""When an account was last used, and when its owner was told that it goes."""

import sqlalchemy as sa
from alembic import op

revision = "registration_0015"
down_revision = "registration_0014"
branch_labels = None
depends_on = None
step = "expand"


def upgrade() -> None:
    # of those that are there nobody knows when they were used: they count from now
    instant = sa.DateTime(timezone=True)
    op.add_column("accounts", sa.Column("used_at", instant, nullable=False, server_default=sa.func.now()))
    op.add_column("accounts", sa.Column("farewell_at", instant))
    op.create_index("ix_accounts_used_at", "accounts", ["used_at"])


def downgrade() -> None:
    op.drop_index("ix_accounts_used_at", "accounts")
    op.drop_column("accounts", "farewell_at")
    op.drop_column("accounts", "used_at")
