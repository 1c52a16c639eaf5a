"""accounts and patients

Revision ID: 71c5e2b8d0fa
Revises:
Create Date: 2025-01-14 08:51:19.227340

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "71c5e2b8d0fa"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "user_account",
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("role", sa.Enum("admin", "staff", name="role", native_enum=False, length=20), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("user_account_pkey")),
        sa.UniqueConstraint("email", name=op.f("user_account_email_key")),
    )
    op.create_table(
        "patient",
        sa.Column("record_number", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("phone", sa.String(length=30), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("patient_pkey")),
        sa.UniqueConstraint("record_number", name=op.f("patient_record_number_key")),
    )
    op.create_index(op.f("patient_name_idx"), "patient", ["name"])


def downgrade() -> None:
    op.drop_index(op.f("patient_name_idx"), table_name="patient")
    op.drop_table("patient")
    op.drop_table("user_account")
