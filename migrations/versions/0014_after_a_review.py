"""after a review

Revision: 0014
Follows: 0013
"""

import sqlalchemy as sa
from alembic import op


revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.add_column('finding', sa.Column('record_place', sa.String(length=200), server_default='', nullable=False))
    op.create_table('issued_report_review',
    sa.Column('report_id', sa.Integer(), nullable=False),
    sa.Column('review_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['report_id'], ['issued_report.id'], name=op.f('fk_issued_report_review_report_id')),
    sa.ForeignKeyConstraint(['review_id'], ['review.id'], name=op.f('fk_issued_report_review_review_id')),
    sa.PrimaryKeyConstraint('report_id', 'review_id', name=op.f('pk_issued_report_review'))
    )
    with op.batch_alter_table('issued_report_review', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_issued_report_review_review_id'), ['review_id'], unique=False)

    op.create_table('review_reply',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('review_id', sa.Integer(), nullable=False),
    sa.Column('question_key', sa.String(length=80), nullable=True),
    sa.Column('kind', sa.Enum('comment', 'challenge', name='reply_kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('written_by_id', sa.Integer(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('outcome', sa.Enum('corrected', 'partly', 'stands', name='challenge_outcome', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('answer', sa.Text(), server_default='', nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("(kind = 'challenge') = (due_on IS NOT NULL)", name=op.f('ck_review_reply_challenge_has_its_day')),
    sa.CheckConstraint('(answered_at IS NULL) = (outcome IS NULL)', name=op.f('ck_review_reply_answer_has_its_outcome')),
    sa.CheckConstraint('answered_by_id IS NULL OR answered_by_id <> written_by_id', name=op.f('ck_review_reply_nobody_answers_oneself')),
    sa.ForeignKeyConstraint(['answered_by_id'], ['user_account.id'], name=op.f('fk_review_reply_answered_by_id')),
    sa.ForeignKeyConstraint(['review_id'], ['review.id'], name=op.f('fk_review_reply_review_id')),
    sa.ForeignKeyConstraint(['written_by_id'], ['user_account.id'], name=op.f('fk_review_reply_written_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_reply'))
    )
    with op.batch_alter_table('review_reply', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_review_reply_answered_by_id'), ['answered_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_review_reply_review_id'), ['review_id'], unique=False)
        batch_op.create_index('ix_review_reply_waiting', ['answered_at', 'due_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_review_reply_written_by_id'), ['written_by_id'], unique=False)

    op.create_table('review_return',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('review_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('returned', 'reopened', name='return_kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('returned_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('returned_by_id', sa.Integer(), nullable=True),
    sa.Column('resubmitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['returned_by_id'], ['user_account.id'], name=op.f('fk_review_return_returned_by_id')),
    sa.ForeignKeyConstraint(['review_id'], ['review.id'], name=op.f('fk_review_return_review_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_return'))
    )
    with op.batch_alter_table('review_return', schema=None) as batch_op:
        batch_op.create_index('ix_review_return_open', ['review_id', 'resubmitted_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_review_return_returned_by_id'), ['returned_by_id'], unique=False)

    op.create_table('supervision_talk',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('review_id', sa.Integer(), nullable=False),
    sa.Column('practitioner_id', sa.Integer(), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('words', sa.Text(), server_default='', nullable=False),
    sa.Column('noted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('noted_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['noted_by_id'], ['user_account.id'], name=op.f('fk_supervision_talk_noted_by_id')),
    sa.ForeignKeyConstraint(['practitioner_id'], ['practitioner.id'], name=op.f('fk_supervision_talk_practitioner_id')),
    sa.ForeignKeyConstraint(['review_id'], ['review.id'], name=op.f('fk_supervision_talk_review_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_supervision_talk')),
    sa.UniqueConstraint('review_id', 'practitioner_id', name=op.f('uq_supervision_talk_review_id_practitioner_id'))
    )
    with op.batch_alter_table('supervision_talk', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_supervision_talk_noted_by_id'), ['noted_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_supervision_talk_practitioner_id'), ['practitioner_id'], unique=False)

    op.create_table('review_return_point',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('review_return_id', sa.Integer(), nullable=False),
    sa.Column('section_key', sa.String(length=80), nullable=False),
    sa.Column('question_key', sa.String(length=80), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('reply', sa.Text(), server_default='', nullable=False),
    sa.Column('replied_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(reply = '') = (replied_at IS NULL)", name=op.f('ck_review_return_point_reply_has_its_time')),
    sa.ForeignKeyConstraint(['review_return_id'], ['review_return.id'], name=op.f('fk_review_return_point_review_return_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_return_point'))
    )
    with op.batch_alter_table('review_return_point', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_review_return_point_review_return_id'), ['review_return_id'], unique=False)


def downgrade() -> None:
    """Take the change back."""
    op.drop_column('finding', 'record_place')
    with op.batch_alter_table('review_return_point', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_review_return_point_review_return_id'))

    op.drop_table('review_return_point')
    with op.batch_alter_table('supervision_talk', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_supervision_talk_practitioner_id'))
        batch_op.drop_index(batch_op.f('ix_supervision_talk_noted_by_id'))

    op.drop_table('supervision_talk')
    with op.batch_alter_table('review_return', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_review_return_returned_by_id'))
        batch_op.drop_index('ix_review_return_open')

    op.drop_table('review_return')
    with op.batch_alter_table('review_reply', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_review_reply_written_by_id'))
        batch_op.drop_index('ix_review_reply_waiting')
        batch_op.drop_index(batch_op.f('ix_review_reply_review_id'))
        batch_op.drop_index(batch_op.f('ix_review_reply_answered_by_id'))

    op.drop_table('review_reply')
    with op.batch_alter_table('issued_report_review', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_issued_report_review_review_id'))

    op.drop_table('issued_report_review')
