"""appointments

Revision ID: a84d19f36e52
Revises: 71c5e2b8d0fa
Create Date: 2025-01-28 13:20:44.695712

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "a84d19f36e52"
down_revision = "71c5e2b8d0fa"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appointment",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.SmallInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum("booked", "cancelled", "done", name="appointmentstatus", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("appointment_patient_id_fkey"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["user_account.id"], name=op.f("appointment_practitioner_id_fkey"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("appointment_pkey")),
        sa.UniqueConstraint("practitioner_id", "starts_at", name=op.f("appointment_practitioner_id_key")),
    )
    op.create_index(op.f("appointment_patient_id_idx"), "appointment", ["patient_id"])
    op.create_index(op.f("appointment_practitioner_id_idx"), "appointment", ["practitioner_id"])
    op.create_index(op.f("appointment_starts_at_idx"), "appointment", ["starts_at"])


def downgrade() -> None:
    op.drop_index(op.f("appointment_starts_at_idx"), table_name="appointment")
    op.drop_index(op.f("appointment_practitioner_id_idx"), table_name="appointment")
    op.drop_index(op.f("appointment_patient_id_idx"), table_name="appointment")
    op.drop_table("appointment")
