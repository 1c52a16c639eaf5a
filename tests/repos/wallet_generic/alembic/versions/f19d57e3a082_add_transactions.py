"""Add transactions

Revision ID: f19d57e3a082
Revises: 3a6f8b20c4d1
Create Date: 2023-09-18 21:47:02.109934

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "f19d57e3a082"
down_revision = "3a6f8b20c4d1"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "transaction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "deposit",
                "withdrawal",
                name="transactionkind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("transaction", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_transaction_account_id"), ["account_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_transaction_booked_on"), ["booked_on"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_transaction_id"), ["id"], unique=False)


def downgrade():
    with op.batch_alter_table("transaction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_transaction_id"))
        batch_op.drop_index(batch_op.f("ix_transaction_booked_on"))
        batch_op.drop_index(batch_op.f("ix_transaction_account_id"))

    op.drop_table("transaction")
