"""On which days an event is submitted to take place, and where; and which events their organisers tell apart."""

import sqlalchemy as sa
from alembic import op

revision = "registration_0006"
down_revision = "registration_0005"
branch_labels = None
depends_on = None
step = "expand"

# « 2026-11-17 44550 », « 2026-11-17 visio.example »: as `domain.likeness.Announced.sittings` has it. Whatever version
# submits, takes back or erases an event, its index follows. Lax: a draft of whatever shape has some, or none
SITTINGS = """
CREATE FUNCTION sittings(draft jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
SELECT array_agg(DISTINCT left(start #>> '{}', 10) || ' ' || place)
FROM jsonb_path_query(draft, 'lax $.slots[*].starts_at') AS start,
    unnest(ARRAY[
        draft #>> '{venue,postcode}',
        substring(lower(draft ->> 'online_url') FROM '^[a-z]+://(?\\:www[.])?([^/:?#]+)')
    ]) AS place
WHERE place IS NOT NULL
$$
"""


def upgrade() -> None:
    op.execute(SITTINGS)
    # each submission looks there: what a fast update leaves in a list for later would be read through each time
    op.create_index(
        "ix_events_sittings",
        "events",
        [sa.text("sittings(submitted_draft)")],
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.create_table(
        "distinctions",
        sa.Column("event_id", sa.Uuid, sa.ForeignKey("events.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("other_id", sa.Uuid, primary_key=True, index=True),
        sa.Column("said_by", sa.Uuid, sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("distinctions")
    op.drop_index("ix_events_sittings", "events")
    op.execute("DROP FUNCTION sittings(jsonb)")
