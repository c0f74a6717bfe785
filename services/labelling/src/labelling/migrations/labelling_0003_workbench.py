"""What reviewers work with: who is at the desk, who is at an event, notes, opinions, decisions held for a minute."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "labelling_0003"
down_revision = "labelling_0002"
branch_labels = None
depends_on = None
step = "expand"

INSTANT = sa.DateTime(timezone=True)
NOW = sa.func.now()


def _id() -> sa.Column[object]:
    return sa.Column("id", sa.Uuid, primary_key=True, server_default=sa.func.gen_random_uuid())


def upgrade() -> None:
    op.create_table(
        "colleagues",
        sa.Column("account_id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("organisation", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("regions", ARRAY(sa.Text), nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False, server_default=NOW),
    )
    op.create_table(
        "claims",
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
    )
    op.create_table(
        "notes",
        _id(),
        sa.Column("event_id", sa.Uuid, nullable=False, index=True),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("written_at", INSTANT, nullable=False, server_default=NOW),
    )
    op.create_table(
        "opinions",
        _id(),
        sa.Column("event_id", sa.Uuid, nullable=False, index=True),
        sa.Column("asked_by", sa.Uuid, nullable=False),
        sa.Column("asked_by_name", sa.Text, nullable=False),
        sa.Column("asked_of", sa.Uuid, nullable=False),
        sa.Column("asked_of_name", sa.Text, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False, server_default=NOW),
        sa.Column("advice", sa.Text),
        sa.Column("answer", sa.Text),
        sa.Column("answered_at", INSTANT),
    )
    unanswered = sa.text("answered_at IS NULL")
    op.create_index("ix_opinions_unanswered", "opinions", ["asked_of"], postgresql_where=unanswered)
    op.create_table(
        "held",
        _id(),
        sa.Column("batch", sa.Uuid, nullable=False, index=True),
        sa.Column("event_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("after_sequence", sa.Integer, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False, index=True),
        sa.Column("caller", JSONB, nullable=False),
        sa.Column("word", JSONB, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("held_at", INSTANT, nullable=False, server_default=NOW),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("failed", sa.Text),
    )
    by_persons = sa.text("reviewer IS NOT NULL")
    op.create_index("ix_decisions_by_persons", "decisions", ["entered_at"], postgresql_where=by_persons)


def downgrade() -> None:
    op.drop_index("ix_decisions_by_persons", "decisions")
    for table in ("held", "opinions", "notes", "claims", "colleagues"):
        op.drop_table(table)
