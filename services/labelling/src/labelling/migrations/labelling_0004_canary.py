"""Decisions are only ever added, still: but those on the canary, which is judged once a minute for ever, may go."""

from alembic import op

revision = "labelling_0004"
down_revision = "labelling_0003"
branch_labels = None
depends_on = None
step = "expand"

CANARY = "ca9a5100-0000-4000-8000-000000000001"


def upgrade() -> None:
    op.execute("DROP TRIGGER decisions_are_only_added ON decisions")
    op.execute(
        "CREATE TRIGGER decisions_are_only_added BEFORE UPDATE OR TRUNCATE ON decisions"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_alter_decisions()"
    )
    op.execute(
        "CREATE TRIGGER decisions_are_not_removed BEFORE DELETE ON decisions FOR EACH ROW"
        f" WHEN (OLD.event_id <> '{CANARY}') EXECUTE FUNCTION refuse_to_alter_decisions()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER decisions_are_not_removed ON decisions")
    op.execute("DROP TRIGGER decisions_are_only_added ON decisions")
    op.execute(
        "CREATE TRIGGER decisions_are_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON decisions"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_alter_decisions()"
    )
