"""suppliers

Revision ID: c93d5f20e8b7
Revises: 4be0c7a1d952
Create Date: 2025-03-10 14:38:05.702913
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "c93d5f20e8b7"
down_revision: str | None = "4be0c7a1d952"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "suppliers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("credit_limit", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column(
            "status",
            sa.Enum("active", "suspended", name="supplierstatus", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.CheckConstraint(
            "credit_limit >= 0", name=op.f("ck_suppliers_credit_limit_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["categories.id"],
            name=op.f("fk_suppliers_category_id_categories"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppliers")),
        sa.UniqueConstraint("name", name=op.f("uq_suppliers_name")),
    )
    op.create_index(op.f("ix_suppliers_category_id"), "suppliers", ["category_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_suppliers_category_id"), table_name="suppliers")
    op.drop_table("suppliers")
