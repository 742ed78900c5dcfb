"""what happens to a drawn case

Revision: 0010
Follows: 0009
"""

import sqlalchemy as sa
from alembic import op


revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change. Cohorts closed before now count as closed when they were made: no other time is known."""
    with op.batch_alter_table('cohort', schema=None) as batch_op:
        batch_op.add_column(sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('closed_by_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('closing_note', sa.Text(), server_default='', nullable=False))
        batch_op.create_index(batch_op.f('ix_cohort_closed_by_id'), ['closed_by_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_cohort_closed_by_id'), 'user_account', ['closed_by_id'], ['id'])
    op.execute(sa.text("UPDATE cohort SET closed_at = created_at WHERE state = 'closed'"))
    with op.batch_alter_table('cohort', schema=None) as batch_op:
        batch_op.create_check_constraint('closed_has_its_time', "(state = 'closed') = (closed_at IS NOT NULL)")
    with op.batch_alter_table('cohort_case', schema=None) as batch_op:
        batch_op.add_column(sa.Column('source', sa.Enum('drawn', 'census', 'reserve', 'referral', 'panel', name='source', native_enum=False, create_constraint=True, length=40), server_default='drawn', nullable=False))
        batch_op.add_column(sa.Column('due_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('set_aside_at', sa.DateTime(timezone=True), nullable=True))
    op.create_table('cohort_case_change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('cohort_case_id', sa.Integer(), nullable=False),
    sa.Column('change', sa.Enum('replaced', 'extended', 'exempted', name='change', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('other_case_id', sa.Integer(), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('is_approved', sa.Boolean(), nullable=True),
    sa.Column('decision_reason', sa.Text(), nullable=False),
    sa.CheckConstraint('(decided_at IS NULL) = (is_approved IS NULL)', name=op.f('ck_cohort_case_change_decided_says_how')),
    sa.CheckConstraint("change != 'extended' OR due_on IS NOT NULL", name=op.f('ck_cohort_case_change_extension_has_its_day')),
    sa.ForeignKeyConstraint(['cohort_case_id'], ['cohort_case.id'], name=op.f('fk_cohort_case_change_cohort_case_id')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user_account.id'], name=op.f('fk_cohort_case_change_decided_by_id')),
    sa.ForeignKeyConstraint(['made_by_id'], ['user_account.id'], name=op.f('fk_cohort_case_change_made_by_id')),
    sa.ForeignKeyConstraint(['other_case_id'], ['cohort_case.id'], name=op.f('fk_cohort_case_change_other_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cohort_case_change'))
    )
    with op.batch_alter_table('cohort_case_change', schema=None) as batch_op:
        for column in ('cohort_case_id', 'decided_by_id', 'made_by_id', 'other_case_id'):
            batch_op.create_index(batch_op.f(f'ix_cohort_case_change_{column}'), [column], unique=False)
    op.create_table('auditor_capacity',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('n_reviews', sa.Integer(), nullable=False),
    sa.CheckConstraint('n_reviews BETWEEN 0 AND 200', name=op.f('ck_auditor_capacity_number_is_possible')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_auditor_capacity_user_id')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_auditor_capacity'))
    )
    op.create_table('auditor_leave',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('added_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('starts_on <= ends_on', name=op.f('ck_auditor_leave_leave_runs_forward')),
    sa.ForeignKeyConstraint(['added_by_id'], ['user_account.id'], name=op.f('fk_auditor_leave_added_by_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_auditor_leave_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_auditor_leave'))
    )
    with op.batch_alter_table('auditor_leave', schema=None) as batch_op:
        for column in ('added_by_id', 'user_id'):
            batch_op.create_index(batch_op.f(f'ix_auditor_leave_{column}'), [column], unique=False)
    op.create_table('programme_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('planned_cohort', 'practice_week', 'revisit', 'no_audits', name='kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('cohort_kind', sa.Enum('monthly_audit', 'thematic', 'deep_dive', 'triple_lock', 'multi_agency', 'dip_sample', 'gate_audit', 'manager_review', 'observation', 're_audit', name='cohort_kind', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('n_cases', sa.Integer(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('added_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('starts_on <= ends_on', name=op.f('ck_programme_entry_entry_runs_forward')),
    sa.CheckConstraint('n_cases >= 0', name=op.f('ck_programme_entry_cases_are_counted')),
    sa.CheckConstraint("kind != 'planned_cohort' OR cohort_kind IS NOT NULL", name=op.f('ck_programme_entry_cohort_has_its_kind')),
    sa.ForeignKeyConstraint(['added_by_id'], ['user_account.id'], name=op.f('fk_programme_entry_added_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_programme_entry'))
    )
    with op.batch_alter_table('programme_entry', schema=None) as batch_op:
        for column in ('added_by_id', 'starts_on'):
            batch_op.create_index(batch_op.f(f'ix_programme_entry_{column}'), [column], unique=False)


def downgrade() -> None:
    """Take the change back."""
    op.drop_table('programme_entry')
    op.drop_table('auditor_leave')
    op.drop_table('auditor_capacity')
    op.drop_table('cohort_case_change')
    with op.batch_alter_table('cohort_case', schema=None) as batch_op:
        batch_op.drop_constraint('source', type_='check')
        batch_op.drop_column('set_aside_at')
        batch_op.drop_column('due_on')
        batch_op.drop_column('source')
    with op.batch_alter_table('cohort', schema=None) as batch_op:
        batch_op.drop_constraint('closed_has_its_time', type_='check')
        batch_op.drop_constraint(batch_op.f('fk_cohort_closed_by_id'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_cohort_closed_by_id'))
        batch_op.drop_column('closing_note')
        batch_op.drop_column('closed_by_id')
        batch_op.drop_column('closed_at')
