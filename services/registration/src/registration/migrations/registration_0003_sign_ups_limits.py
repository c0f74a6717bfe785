"""A link confirms one sign-up; how often anybody may try is counted where all replicas see it."""

import sqlalchemy as sa
from alembic import op

revision = "registration_0003"
down_revision = "registration_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # links of before name no sign-up, and are answered 410
    sign_up = sa.Column("sign_up", sa.Uuid, nullable=False, server_default=sa.func.gen_random_uuid())
    op.add_column("accounts", sign_up)
    op.add_column("accounts", sa.Column("is_contested", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_table(
        "limits",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("empty_at", sa.DateTime(timezone=True), nullable=False, index=True),
    )


def downgrade() -> None:
    op.drop_table("limits")
    op.drop_column("accounts", "is_contested")
    op.drop_column("accounts", "sign_up")
