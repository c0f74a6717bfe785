"""The oldest of the inbox and of the ended jobs are found."""

import sqlalchemy as sa
from alembic import op

revision = "floor_0002"
down_revision = "floor_0001"
branch_labels = None
depends_on = None
step = "expand"


def upgrade() -> None:
    op.create_index("ix_inbox_taken", "inbox", ["taken_at"], postgresql_using="brin")
    ended = sa.text("state IN ('done', 'dead')")
    op.create_index("ix_jobs_ended", "jobs", ["finished_at"], postgresql_where=ended)


def downgrade() -> None:
    op.drop_index("ix_jobs_ended", "jobs")
    op.drop_index("ix_inbox_taken", "inbox")
