"""concerns and case actions

Revision: 0013
Follows: 0012
"""

import sqlalchemy as sa
from alembic import op


revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table('case_action',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('review_id', sa.Integer(), nullable=False),
    sa.Column('question_key', sa.String(length=80), nullable=True),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('service_area_id', sa.Integer(), nullable=True),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('priority', sa.Enum('critical', 'high', 'standard', name='priority', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.Column('raised_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('raised_by_id', sa.Integer(), nullable=False),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_by_id', sa.Integer(), nullable=True),
    sa.Column('evidence', sa.Text(), nullable=False),
    sa.Column('verified_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('verified_by_id', sa.Integer(), nullable=True),
    sa.Column('n_sent_back', sa.Integer(), server_default='0', nullable=False),
    sa.Column('impact_due_on', sa.Date(), nullable=True),
    sa.Column('impact', sa.Enum('yes', 'partly', 'no', 'too_soon', name='impact', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('impact_words', sa.Text(), nullable=False),
    sa.Column('impact_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('impact_by_id', sa.Integer(), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_reason', sa.Text(), nullable=False),
    sa.Column('n_reminders', sa.Integer(), server_default='0', nullable=False),
    sa.CheckConstraint('(done_at IS NULL) = (done_by_id IS NULL)', name=op.f('ck_case_action_done_by_somebody')),
    sa.CheckConstraint('impact IS NULL OR verified_at IS NOT NULL', name=op.f('ck_case_action_checked_was_verified')),
    sa.CheckConstraint('verified_at IS NULL OR done_at IS NOT NULL', name=op.f('ck_case_action_verified_was_done')),
    sa.CheckConstraint('verified_by_id IS NULL OR verified_by_id <> done_by_id', name=op.f('ck_case_action_doer_never_verifies')),
    sa.CheckConstraint('verified_by_id IS NULL OR verified_by_id <> owner_id', name=op.f('ck_case_action_owner_never_verifies')),
    sa.ForeignKeyConstraint(['done_by_id'], ['user_account.id'], name=op.f('fk_case_action_done_by_id')),
    sa.ForeignKeyConstraint(['impact_by_id'], ['user_account.id'], name=op.f('fk_case_action_impact_by_id')),
    sa.ForeignKeyConstraint(['owner_id'], ['user_account.id'], name=op.f('fk_case_action_owner_id')),
    sa.ForeignKeyConstraint(['raised_by_id'], ['user_account.id'], name=op.f('fk_case_action_raised_by_id')),
    sa.ForeignKeyConstraint(['review_id'], ['review.id'], name=op.f('fk_case_action_review_id')),
    sa.ForeignKeyConstraint(['service_area_id'], ['service_area.id'], name=op.f('fk_case_action_service_area_id')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_case_action_team_id')),
    sa.ForeignKeyConstraint(['verified_by_id'], ['user_account.id'], name=op.f('fk_case_action_verified_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_action'))
    )
    with op.batch_alter_table('case_action', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_case_action_done_by_id'), ['done_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_case_action_impact_by_id'), ['impact_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_case_action_owner_id'), ['owner_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_case_action_raised_by_id'), ['raised_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_case_action_review_id'), ['review_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_case_action_service_area_id'), ['service_area_id'], unique=False)
        batch_op.create_index('ix_case_action_team_due', ['team_id', 'due_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_case_action_verified_by_id'), ['verified_by_id'], unique=False)

    op.create_table('safeguarding_concern',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('review_id', sa.Integer(), nullable=False),
    sa.Column('question_key', sa.String(length=80), nullable=True),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('service_area_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.Enum('safeguarding', 'step_up', 'step_down', name='kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('phoned', sa.String(length=200), nullable=False),
    sa.Column('raised_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('raised_by_id', sa.Integer(), nullable=False),
    sa.Column('acknowledge_due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('acknowledged_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('acknowledged_by_id', sa.Integer(), nullable=True),
    sa.Column('safe_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('safe_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('safe_by_id', sa.Integer(), nullable=True),
    sa.Column('safety_action', sa.Text(), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by_id', sa.Integer(), nullable=True),
    sa.Column('closing_words', sa.Text(), nullable=False),
    sa.Column('acknowledge_climbed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('safe_climbed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(kind = 'safeguarding') = (safe_due_at IS NOT NULL)", name=op.f('ck_safeguarding_concern_safety_has_its_clock')),
    sa.CheckConstraint('(safe_at IS NULL) = (safe_by_id IS NULL)', name=op.f('ck_safeguarding_concern_safe_by_somebody')),
    sa.CheckConstraint('closed_at IS NULL OR safe_at IS NOT NULL', name=op.f('ck_safeguarding_concern_closed_is_safe')),
    sa.CheckConstraint('safe_by_id IS NULL OR safe_by_id <> raised_by_id', name=op.f('ck_safeguarding_concern_a_second_person_makes_safe')),
    sa.ForeignKeyConstraint(['acknowledged_by_id'], ['user_account.id'], name=op.f('fk_safeguarding_concern_acknowledged_by_id')),
    sa.ForeignKeyConstraint(['closed_by_id'], ['user_account.id'], name=op.f('fk_safeguarding_concern_closed_by_id')),
    sa.ForeignKeyConstraint(['raised_by_id'], ['user_account.id'], name=op.f('fk_safeguarding_concern_raised_by_id')),
    sa.ForeignKeyConstraint(['review_id'], ['review.id'], name=op.f('fk_safeguarding_concern_review_id')),
    sa.ForeignKeyConstraint(['safe_by_id'], ['user_account.id'], name=op.f('fk_safeguarding_concern_safe_by_id')),
    sa.ForeignKeyConstraint(['service_area_id'], ['service_area.id'], name=op.f('fk_safeguarding_concern_service_area_id')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_safeguarding_concern_team_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_safeguarding_concern'))
    )
    with op.batch_alter_table('safeguarding_concern', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_safeguarding_concern_acknowledged_by_id'), ['acknowledged_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_safeguarding_concern_closed_by_id'), ['closed_by_id'], unique=False)
        batch_op.create_index('ix_safeguarding_concern_open', ['closed_at', 'raised_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_safeguarding_concern_raised_by_id'), ['raised_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_safeguarding_concern_review_id'), ['review_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_safeguarding_concern_safe_by_id'), ['safe_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_safeguarding_concern_service_area_id'), ['service_area_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_safeguarding_concern_team_id'), ['team_id'], unique=False)

    op.create_table('case_action_update',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_action_id', sa.Integer(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('written_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['case_action_id'], ['case_action.id'], name=op.f('fk_case_action_update_case_action_id')),
    sa.ForeignKeyConstraint(['written_by_id'], ['user_account.id'], name=op.f('fk_case_action_update_written_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_action_update'))
    )
    with op.batch_alter_table('case_action_update', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_case_action_update_case_action_id'), ['case_action_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_case_action_update_written_by_id'), ['written_by_id'], unique=False)


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table('case_action_update', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_case_action_update_written_by_id'))
        batch_op.drop_index(batch_op.f('ix_case_action_update_case_action_id'))

    op.drop_table('case_action_update')
    with op.batch_alter_table('safeguarding_concern', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_safeguarding_concern_team_id'))
        batch_op.drop_index(batch_op.f('ix_safeguarding_concern_service_area_id'))
        batch_op.drop_index(batch_op.f('ix_safeguarding_concern_safe_by_id'))
        batch_op.drop_index(batch_op.f('ix_safeguarding_concern_review_id'))
        batch_op.drop_index(batch_op.f('ix_safeguarding_concern_raised_by_id'))
        batch_op.drop_index('ix_safeguarding_concern_open')
        batch_op.drop_index(batch_op.f('ix_safeguarding_concern_closed_by_id'))
        batch_op.drop_index(batch_op.f('ix_safeguarding_concern_acknowledged_by_id'))

    op.drop_table('safeguarding_concern')
    with op.batch_alter_table('case_action', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_case_action_verified_by_id'))
        batch_op.drop_index('ix_case_action_team_due')
        batch_op.drop_index(batch_op.f('ix_case_action_service_area_id'))
        batch_op.drop_index(batch_op.f('ix_case_action_review_id'))
        batch_op.drop_index(batch_op.f('ix_case_action_raised_by_id'))
        batch_op.drop_index(batch_op.f('ix_case_action_owner_id'))
        batch_op.drop_index(batch_op.f('ix_case_action_impact_by_id'))
        batch_op.drop_index(batch_op.f('ix_case_action_done_by_id'))

    op.drop_table('case_action')
