"""Files of events that organisers upload, their rows, and which events came of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "registration_0012"
down_revision = "registration_0011"
branch_labels = None
depends_on = None
step = "expand"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("organisation_id", sa.Uuid, nullable=False),
        sa.Column("filename", sa.Text, nullable=False),
        sa.Column("series", sa.Text, nullable=False, server_default=""),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("problem", sa.Text),
        sa.Column("sheet", sa.Text),
        sa.Column("headings", JSONB, nullable=False, server_default="[]"),
        sa.Column("heading_row", sa.Integer, nullable=False, server_default="0"),
        sa.Column("notices", JSONB, nullable=False, server_default="[]"),
        sa.Column("application", JSONB),
        sa.Column("created_at", INSTANT, nullable=False, server_default=sa.func.now()),
    )
    op.create_table(
        "upload_parts",
        sa.Column("upload_id", sa.Uuid, sa.ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "upload_rows",
        sa.Column("upload_id", sa.Uuid, sa.ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("cells", ARRAY(sa.Text), nullable=False),
        sa.Column("external_id", sa.Text),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("draft", JSONB),
        sa.Column("faults", JSONB, nullable=False, server_default="[]"),
        sa.Column("notes", JSONB, nullable=False, server_default="[]"),
        sa.Column("outlook", sa.Text, nullable=False),
        sa.Column("change", sa.Text, nullable=False),
        sa.Column("assessment", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.Column("said", sa.Text),
    )
    op.create_table(
        "uploaded_events",
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("organisation_id", sa.Uuid, nullable=False, index=True),
        sa.Column("series", sa.Text, nullable=False),
        sa.Column("external_id", sa.Text),
    )


def downgrade() -> None:
    for table in ("uploaded_events", "upload_rows", "upload_parts", "uploads"):
        op.drop_table(table)
