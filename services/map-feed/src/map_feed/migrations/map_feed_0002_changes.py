"""What was told of the map: the newest change of each event. Those of events that are listed already are told next."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "map_feed_0002"
down_revision = "map_feed_0001"
branch_labels = None
depends_on = None
step = "expand"

# by trigger: whatever writes the read model (a poll, a rebuild) rings
RING = """
CREATE FUNCTION ring_map() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_notify('map', ''); RETURN NULL; END $$
"""
WHEN = """
CREATE TRIGGER ring_map AFTER INSERT OR UPDATE OR DELETE ON events FOR EACH STATEMENT EXECUTE FUNCTION ring_map()
"""


def upgrade() -> None:
    op.create_table(
        "journal",
        sa.Column("id", sa.Boolean, nullable=False, server_default="true"),
        sa.Column("journal", sa.Uuid, nullable=False, server_default=sa.func.gen_random_uuid()),
        sa.Column("kept_in", sa.Text, nullable=False, server_default=""),
        sa.Column("newest", sa.BigInteger, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_journal"),
        sa.CheckConstraint("id", name="only"),
    )
    op.execute("INSERT INTO journal DEFAULT VALUES")
    op.create_table(
        "changes",
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("changed", sa.ARRAY(sa.Text), nullable=False, server_default="{}"),
        sa.Column("reason", sa.Text),
        sa.Column("edition", sa.Text, nullable=False),
        sa.Column("feature", sa.JSON),
        sa.Column("fingerprints", JSONB),
        sa.Column("read_in", sa.BigInteger),
        sa.PrimaryKeyConstraint("event_id", name="pk_changes"),
        sa.UniqueConstraint("number", name="uq_changes_number"),
    )
    op.execute(RING)
    op.execute(WHEN)


def downgrade() -> None:
    op.execute("DROP TRIGGER ring_map ON events")
    op.execute("DROP FUNCTION ring_map")
    op.drop_table("changes")
    op.drop_table("journal")
