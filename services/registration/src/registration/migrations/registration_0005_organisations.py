"""Organisations, who is of them, whose events are shared, and who coordinates a region."""

import sqlalchemy as sa
from alembic import op

revision = "registration_0005"
down_revision = "registration_0004"
branch_labels = None
depends_on = None
step = "expand"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "organisations",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text),
        sa.Column("siret", sa.Text),
        sa.Column("federation_id", sa.Uuid, sa.ForeignKey("organisations.id", ondelete="SET NULL"), index=True),
        sa.Column("created_at", INSTANT, nullable=False, server_default=sa.func.now()),
    )
    op.create_table(
        "members",
        sa.Column("organisation_id", sa.Uuid, sa.ForeignKey("organisations.id", ondelete="CASCADE"), primary_key=True),
        sa.Column(
            "account_id", sa.Uuid, sa.ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, index=True
        ),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("since", INSTANT, nullable=False, server_default=sa.func.now()),
    )
    op.add_column("events", sa.Column("organisation_id", sa.Uuid))
    op.create_index("ix_events_organisation_id", "events", ["organisation_id"])
    op.add_column("accounts", sa.Column("coordinates", sa.ARRAY(sa.Text), nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("accounts", "coordinates")
    op.drop_column("events", "organisation_id")
    op.drop_table("members")
    op.drop_table("organisations")
