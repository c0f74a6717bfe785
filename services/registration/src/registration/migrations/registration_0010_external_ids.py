"""An event's name in its organiser's own system names one event of its organisation."""

import sqlalchemy as sa
from alembic import op

revision = "registration_0010"
down_revision = "registration_0009"
branch_labels = None
depends_on = None
step = "expand"


def upgrade() -> None:
    whose = sa.text("coalesce(organisation_id, account_id)")
    op.create_index("uq_events_external_id", "events", [whose, sa.text("(draft ->> 'external_id')")], unique=True)


def downgrade() -> None:
    op.drop_index("uq_events_external_id", "events")
