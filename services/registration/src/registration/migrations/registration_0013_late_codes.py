"""Codes by which a reviewer lets one late event in."""

import sqlalchemy as sa
from alembic import op

revision = "registration_0013"
down_revision = "registration_0012"
branch_labels = None
depends_on = None
step = "expand"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "late_codes",
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        sa.Column("region", sa.Text),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("given_by", sa.Uuid, sa.ForeignKey("accounts.id", ondelete="SET NULL"), index=True),
        sa.Column("given_at", INSTANT, nullable=False, server_default=sa.func.now()),
        sa.Column("event_id", sa.Uuid),
    )


def downgrade() -> None:
    op.drop_table("late_codes")
