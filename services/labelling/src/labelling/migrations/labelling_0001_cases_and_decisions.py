"""The case of each event, and the log of all decisions, which can only grow."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "labelling_0001"
down_revision = None
branch_labels = ("labelling",)
depends_on = None
step = "expand"

INSTANT = sa.DateTime(timezone=True)
ZERO = sa.text("0")


def upgrade() -> None:
    op.create_table(
        "cases",
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("heard_revision", sa.Integer, nullable=False, server_default=ZERO),
        sa.Column("heard_sequence", sa.Integer, nullable=False, server_default=ZERO),
        sa.Column("sequence", sa.Integer, nullable=False, server_default=ZERO),
        sa.Column("revision", sa.Integer, nullable=False, server_default=ZERO),
        sa.Column("label", sa.Text),
        sa.Column("granted", sa.Integer, nullable=False, server_default=ZERO),
        sa.Column("decision_id", sa.Uuid),
        sa.Column("hash", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("region", sa.Text),
        sa.Column("due_at", INSTANT),
        sa.Column("fact", JSONB),
        sa.Column("reviewer", sa.Uuid),
        sa.Column("changed_at", INSTANT, nullable=False, server_default=sa.func.now()),
    )
    waiting = sa.text("label = 'under_review'")
    op.create_index("ix_cases_queue", "cases", ["region", "due_at"], postgresql_where=waiting)
    op.create_table(
        "decisions",
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("sequence", sa.Integer, primary_key=True),
        sa.Column("decision_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("fact", sa.Text, nullable=False),
        sa.Column("reviewer", sa.Uuid),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False, server_default=sa.func.now()),
    )
    op.execute(
        "CREATE FUNCTION refuse_to_alter_decisions() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'decisions are only ever added'; END $$"
    )
    op.execute(
        "CREATE TRIGGER decisions_are_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON decisions"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_alter_decisions()"
    )


def downgrade() -> None:
    op.drop_table("decisions")
    op.execute("DROP FUNCTION refuse_to_alter_decisions()")
    op.drop_table("cases")
