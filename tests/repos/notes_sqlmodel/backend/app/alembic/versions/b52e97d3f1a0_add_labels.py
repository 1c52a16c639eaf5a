"""Add labels

Revision ID: b52e97d3f1a0
Revises: 8d1f0a6c2b47
Create Date: 2025-01-09 21:40:12.905316

"""
from alembic import op
import sqlalchemy as sa
import sqlmodel.sql.sqltypes


# revision identifiers, used by Alembic.
revision = 'b52e97d3f1a0'
down_revision = '8d1f0a6c2b47'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('label',
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('color', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_label_name'), 'label', ['name'], unique=True)
    with op.batch_alter_table('note') as batch_op:
        batch_op.add_column(sa.Column('label_id', sa.Uuid(), nullable=True))
        batch_op.create_foreign_key('note_label_id_fkey', 'label', ['label_id'], ['id'], ondelete='SET NULL')
        batch_op.create_index(op.f('ix_note_label_id'), ['label_id'], unique=False)


def downgrade():
    with op.batch_alter_table('note') as batch_op:
        batch_op.drop_index(op.f('ix_note_label_id'))
        batch_op.drop_constraint('note_label_id_fkey', type_='foreignkey')
        batch_op.drop_column('label_id')
    op.drop_index(op.f('ix_label_name'), table_name='label')
    op.drop_table('label')
