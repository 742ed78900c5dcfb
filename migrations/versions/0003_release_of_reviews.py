"""release of reviews

Revision: 0003
Follows: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    with op.batch_alter_table('review', schema=None) as batch_op:
        batch_op.add_column(sa.Column('released_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('released_by_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('release_held_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('release_held_by_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('release_held_reason', sa.Text(), server_default='', nullable=False))
        batch_op.create_index(batch_op.f('ix_review_released_at'), ['released_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_review_released_by_id'), ['released_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_review_release_held_by_id'), ['release_held_by_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_review_released_by_id'), 'user_account', ['released_by_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_review_release_held_by_id'), 'user_account', ['release_held_by_id'], ['id'])
        batch_op.create_check_constraint(batch_op.f('ck_review_released_was_submitted'), 'released_at IS NULL OR submitted_at IS NOT NULL')
        batch_op.create_check_constraint(batch_op.f('ck_review_held_back_is_not_released'), 'release_held_at IS NULL OR (submitted_at IS NOT NULL AND released_at IS NULL)')

    op.create_table('leaving',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('last_day', sa.Date(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('marked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('marked_by_id', sa.Integer(), nullable=True),
    sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cancelled_by_id', sa.Integer(), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('cancelled_at IS NULL OR closed_at IS NULL', name=op.f('ck_leaving_closed_or_taken_back')),
    sa.ForeignKeyConstraint(['cancelled_by_id'], ['user_account.id'], name=op.f('fk_leaving_cancelled_by_id')),
    sa.ForeignKeyConstraint(['marked_by_id'], ['user_account.id'], name=op.f('fk_leaving_marked_by_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_leaving_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_leaving'))
    )
    with op.batch_alter_table('leaving', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_leaving_cancelled_by_id'), ['cancelled_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_leaving_last_day'), ['last_day'], unique=False)
        batch_op.create_index(batch_op.f('ix_leaving_marked_by_id'), ['marked_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_leaving_user_id'), ['user_id'], unique=False)
        batch_op.create_index('uq_leaving_open', ['user_id'], unique=True, sqlite_where=sa.text('cancelled_at IS NULL AND closed_at IS NULL'), postgresql_where=sa.text('cancelled_at IS NULL AND closed_at IS NULL'))

    op.create_table('hand_over',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('leaving_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('review', 'team', 'service_area', 'supervision', 'reviewing', 'plan_action', 'case_action', name='work_kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('words', sa.String(length=300), nullable=False),
    sa.Column('from_user_id', sa.Integer(), nullable=False),
    sa.Column('to_user_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('handed_over_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('handed_over_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['from_user_id'], ['user_account.id'], name=op.f('fk_hand_over_from_user_id')),
    sa.ForeignKeyConstraint(['handed_over_by_id'], ['user_account.id'], name=op.f('fk_hand_over_handed_over_by_id')),
    sa.ForeignKeyConstraint(['leaving_id'], ['leaving.id'], name=op.f('fk_hand_over_leaving_id')),
    sa.ForeignKeyConstraint(['to_user_id'], ['user_account.id'], name=op.f('fk_hand_over_to_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hand_over'))
    )
    with op.batch_alter_table('hand_over', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_hand_over_from_user_id'), ['from_user_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_hand_over_handed_over_by_id'), ['handed_over_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_hand_over_leaving_id'), ['leaving_id'], unique=False)
        batch_op.create_index('ix_hand_over_subject', ['kind', 'subject_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_hand_over_to_user_id'), ['to_user_id'], unique=False)


def downgrade() -> None:
    """Take the change back."""
    op.drop_table('hand_over')
    op.drop_table('leaving')
    with op.batch_alter_table('review', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_review_held_back_is_not_released'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_review_released_was_submitted'), type_='check')
        batch_op.drop_constraint(batch_op.f('fk_review_release_held_by_id'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_review_released_by_id'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_review_release_held_by_id'))
        batch_op.drop_index(batch_op.f('ix_review_released_by_id'))
        batch_op.drop_index(batch_op.f('ix_review_released_at'))
        batch_op.drop_column('release_held_reason')
        batch_op.drop_column('release_held_by_id')
        batch_op.drop_column('release_held_at')
        batch_op.drop_column('released_by_id')
        batch_op.drop_column('released_at')
