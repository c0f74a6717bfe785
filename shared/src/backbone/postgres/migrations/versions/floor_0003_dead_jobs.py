"""The dead jobs are counted, whenever the metrics are read, without a look at all that were done."""

import sqlalchemy as sa
from alembic import op

revision = "floor_0003"
down_revision = "floor_0002"
branch_labels = None
depends_on = None
step = "expand"


def upgrade() -> None:
    op.create_index("ix_jobs_dead", "jobs", ["kind", "finished_at"], postgresql_where=sa.text("state = 'dead'"))


def downgrade() -> None:
    op.drop_index("ix_jobs_dead", "jobs")
