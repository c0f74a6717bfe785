"""The second factor of an account, and which sessions were begun with it."""

import sqlalchemy as sa
from alembic import op

revision = "registration_0011"
down_revision = "registration_0010"
branch_labels = None
depends_on = None
step = "expand"


def upgrade() -> None:
    op.create_table(
        "second_factors",
        sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("sealed_by", sa.Text, nullable=False),
        sa.Column("last_step", sa.BigInteger, nullable=False),
        sa.Column("recovery_codes", sa.ARRAY(sa.LargeBinary), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    )
    op.add_column("sessions", sa.Column("is_strong", sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("sessions", "is_strong")
    op.drop_table("second_factors")
