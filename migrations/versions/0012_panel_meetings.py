"""panel meetings

Revision: 0012
Follows: 0011
"""

import sqlalchemy as sa
from alembic import op


revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table('panel_meeting',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('cohort_id', sa.Integer(), nullable=False),
    sa.Column('panel', sa.String(length=120), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('seed', sa.String(length=80), nullable=False),
    sa.Column('heard', sa.JSON(), nullable=False),
    sa.Column('cohort_case_id', sa.Integer(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['cohort_case_id'], ['cohort_case.id'], name=op.f('fk_panel_meeting_cohort_case_id')),
    sa.ForeignKeyConstraint(['cohort_id'], ['cohort.id'], name=op.f('fk_panel_meeting_cohort_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['user_account.id'], name=op.f('fk_panel_meeting_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_panel_meeting')),
    sa.UniqueConstraint('cohort_id', 'panel', 'held_on', name=op.f('uq_panel_meeting_cohort_id_panel_held_on'))
    )
    with op.batch_alter_table('panel_meeting', schema=None) as batch_op:
        for column in ('cohort_case_id', 'recorded_by_id'):
            batch_op.create_index(batch_op.f(f'ix_panel_meeting_{column}'), [column], unique=False)


def downgrade() -> None:
    """Take the change back."""
    op.drop_table('panel_meeting')
