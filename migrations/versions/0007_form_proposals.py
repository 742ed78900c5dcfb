"""versions waiting for a second person, and scores of compliance items

Revision: 0007
Follows: 0006
"""

import sqlalchemy as sa
from alembic import op


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table('audit_form_proposal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('draft_id', sa.Integer(), nullable=False),
    sa.Column('form_key', sa.String(length=80), nullable=False),
    sa.Column('against_version_id', sa.Integer(), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('content_sha256', sa.String(length=64), nullable=False),
    sa.Column('author_ids', sa.JSON(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('state', sa.Enum('waiting', 'approved', 'refused', 'withdrawn', name='state', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('proposed_by_id', sa.Integer(), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decision', sa.Text(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name=op.f('ck_audit_form_proposal_decided_has_its_time')),
    sa.CheckConstraint("(state = 'approved') = (version_id IS NOT NULL)", name=op.f('ck_audit_form_proposal_approved_has_its_version')),
    sa.CheckConstraint("decided_by_id <> proposed_by_id OR state <> 'approved'", name=op.f('ck_audit_form_proposal_second_person')),
    sa.ForeignKeyConstraint(['against_version_id'], ['audit_form_version.id'], name=op.f('fk_audit_form_proposal_against_version_id')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user_account.id'], name=op.f('fk_audit_form_proposal_decided_by_id')),
    sa.ForeignKeyConstraint(['draft_id'], ['audit_form_draft.id'], name=op.f('fk_audit_form_proposal_draft_id')),
    sa.ForeignKeyConstraint(['proposed_by_id'], ['user_account.id'], name=op.f('fk_audit_form_proposal_proposed_by_id')),
    sa.ForeignKeyConstraint(['version_id'], ['audit_form_version.id'], name=op.f('fk_audit_form_proposal_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_form_proposal'))
    )
    with op.batch_alter_table('audit_form_proposal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_form_proposal_against_version_id'), ['against_version_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_form_proposal_decided_by_id'), ['decided_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_form_proposal_draft_id'), ['draft_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_form_proposal_form_key'), ['form_key'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_form_proposal_proposed_by_id'), ['proposed_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_form_proposal_version_id'), ['version_id'], unique=False)
        batch_op.create_index('uq_audit_form_proposal_waiting', ['draft_id'], unique=True, sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))

    op.create_table('review_score',
    sa.Column('review_id', sa.Integer(), nullable=False),
    sa.Column('section_key', sa.String(length=80), nullable=False),
    sa.Column('n_counted', sa.Integer(), nullable=False),
    sa.Column('n_met', sa.Integer(), nullable=False),
    sa.Column('n_partly', sa.Integer(), nullable=False),
    sa.CheckConstraint('n_met >= 0 AND n_partly >= 0 AND n_met + n_partly <= n_counted', name=op.f('ck_review_score_parts_fit_the_whole')),
    sa.ForeignKeyConstraint(['review_id'], ['review.id'], name=op.f('fk_review_score_review_id')),
    sa.PrimaryKeyConstraint('review_id', 'section_key', name=op.f('pk_review_score'))
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table('review_score')
    op.drop_table('audit_form_proposal')
