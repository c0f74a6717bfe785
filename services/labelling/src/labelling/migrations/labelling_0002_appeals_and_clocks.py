"""What a case asks for, and of whom; appeals in their organisers' words; and what is counted of each decision."""

import sqlalchemy as sa
from alembic import op

revision = "labelling_0002"
down_revision = "labelling_0001"
branch_labels = None
depends_on = None
step = "expand"

INSTANT = sa.DateTime(timezone=True)
WAITS = sa.text("asks IN ('review', 'appeal')")


def upgrade() -> None:
    op.add_column("cases", sa.Column("asks", sa.Text))
    op.add_column("cases", sa.Column("overdue_in", sa.Text))
    op.execute("UPDATE cases SET asks = 'review' WHERE label = 'under_review'")
    op.drop_index("ix_cases_queue", "cases")
    op.create_index("ix_cases_queue", "cases", ["region", "due_at"], postgresql_where=WAITS)
    op.create_index("ix_cases_overdue", "cases", ["overdue_in", "due_at"], postgresql_where=WAITS)
    op.create_table(
        "tallies",
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("sequence", sa.Integer, primary_key=True),
        sa.Column("edition", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Text, nullable=False),
        sa.Column("automated", sa.Boolean, nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT),
        sa.Column("is_open", sa.Boolean, nullable=False),
    )
    op.execute(
        "INSERT INTO tallies (event_id, sequence, edition, label, decided_by, automated, decided_at, due_at, is_open)"
        " SELECT event_id, sequence, told ->> 'edition', told ->> 'label', told ->> 'decided_by',"
        " CAST(told ->> 'automated' AS boolean), CAST(told ->> 'decided_at' AS timestamptz),"
        " CAST(told ->> 'due_at' AS timestamptz), told ->> 'due_at' IS NOT NULL"
        " FROM decisions, LATERAL (SELECT CAST(fact AS jsonb) OFFSET 0) AS read (told)"
    )
    op.create_table(
        "appeals",
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("sequence", sa.Integer, primary_key=True),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("noted_at", INSTANT, nullable=False, server_default=sa.func.now()),
    )


def downgrade() -> None:
    op.drop_table("appeals")
    op.drop_table("tallies")
    op.drop_index("ix_cases_overdue", "cases")
    op.drop_index("ix_cases_queue", "cases")
    waiting = sa.text("label = 'under_review'")
    op.create_index("ix_cases_queue", "cases", ["region", "due_at"], postgresql_where=waiting)
    op.drop_column("cases", "overdue_in")
    op.drop_column("cases", "asks")
