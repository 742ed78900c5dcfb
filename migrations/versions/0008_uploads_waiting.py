"""uploads waiting to be stored

Revision: 0008
Follows: 0007
"""

import sqlalchemy as sa
from alembic import op


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table('waiting_upload',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('as_at', sa.Date(), nullable=False),
    sa.Column('file_sha256', sa.String(length=64), nullable=False),
    sa.Column('uploaded_by_id', sa.Integer(), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reading', sa.LargeBinary(), nullable=False),
    sa.CheckConstraint('expires_at > uploaded_at', name=op.f('ck_waiting_upload_expires_later')),
    sa.ForeignKeyConstraint(['uploaded_by_id'], ['user_account.id'], name=op.f('fk_waiting_upload_uploaded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_waiting_upload'))
    )
    with op.batch_alter_table('waiting_upload', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_waiting_upload_expires_at'), ['expires_at'], unique=False)
        batch_op.create_index('ix_waiting_upload_uploader', ['uploaded_by_id', 'uploaded_at'], unique=False)

    # A column with a constant default is added in place on both databases: no table is copied.
    op.add_column('case_record', sa.Column('as_sent', sa.JSON(), server_default='{}', nullable=False))
    op.add_column('import_fault', sa.Column('n_times', sa.Integer(), server_default='1', nullable=False))
    op.add_column('import_fault', sa.Column('more_rows', sa.JSON(), server_default='[]', nullable=False))


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table('import_fault', schema=None) as batch_op:
        batch_op.drop_column('more_rows')
        batch_op.drop_column('n_times')

    with op.batch_alter_table('case_record', schema=None) as batch_op:
        batch_op.drop_column('as_sent')

    op.drop_table('waiting_upload')
