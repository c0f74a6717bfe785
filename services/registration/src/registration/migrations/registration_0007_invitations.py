"""Invitations that nobody has taken up yet."""

from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "registration_0007"
down_revision = "registration_0006"
branch_labels = None
depends_on = None
step = "expand"

INSTANT = sa.DateTime(timezone=True)


def _theirs(name: str, table: str, *, nullable: bool = True) -> sa.Column[UUID]:
    return sa.Column(name, sa.Uuid, sa.ForeignKey(f"{table}.id", ondelete="CASCADE"), index=True, nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False, index=True),
        _theirs("organisation_id", "organisations"),
        sa.Column("role", sa.Text),
        _theirs("event_id", "events"),
        _theirs("invited_by", "accounts", nullable=False),
        sa.Column("created_at", INSTANT, nullable=False, server_default=sa.func.now()),
        sa.Column("expires_at", INSTANT, nullable=False, index=True),
    )


def downgrade() -> None:
    op.drop_table("invitations")
