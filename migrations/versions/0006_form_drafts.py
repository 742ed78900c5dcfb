"""drafts of forms

Revision: 0006
Follows: 0005
"""

import sqlalchemy as sa
from alembic import op


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table('audit_form_draft',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('form_key', sa.String(length=80), nullable=False),
    sa.Column('base_version_id', sa.Integer(), nullable=True),
    sa.Column('title', sa.String(length=500), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('at_step', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_by_id', sa.Integer(), nullable=True),
    sa.Column('last_change', sa.String(length=300), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_as', sa.Enum('published', 'discarded', name='closed_as', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.CheckConstraint('(closed_at IS NULL) = (closed_as IS NULL)', name=op.f('ck_audit_form_draft_closed_says_how')),
    sa.CheckConstraint('revision > 0', name=op.f('ck_audit_form_draft_revision_is_positive')),
    sa.CheckConstraint('at_step >= 0', name=op.f('ck_audit_form_draft_step_is_not_negative')),
    sa.ForeignKeyConstraint(['base_version_id'], ['audit_form_version.id'], name=op.f('fk_audit_form_draft_base_version_id')),
    sa.ForeignKeyConstraint(['created_by_id'], ['user_account.id'], name=op.f('fk_audit_form_draft_created_by_id')),
    sa.ForeignKeyConstraint(['updated_by_id'], ['user_account.id'], name=op.f('fk_audit_form_draft_updated_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_form_draft'))
    )
    with op.batch_alter_table('audit_form_draft', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_form_draft_base_version_id'), ['base_version_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_form_draft_created_by_id'), ['created_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_form_draft_form_key'), ['form_key'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_form_draft_updated_by_id'), ['updated_by_id'], unique=False)
        batch_op.create_index('uq_audit_form_draft_open', ['form_key'], unique=True, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))

    op.create_table('audit_form_draft_author',
    sa.Column('draft_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('first_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['draft_id'], ['audit_form_draft.id'], name=op.f('fk_audit_form_draft_author_draft_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_audit_form_draft_author_user_id')),
    sa.PrimaryKeyConstraint('draft_id', 'user_id', name=op.f('pk_audit_form_draft_author'))
    )
    with op.batch_alter_table('audit_form_draft_author', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_form_draft_author_user_id'), ['user_id'], unique=False)

    op.create_table('audit_form_draft_step',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('draft_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('what', sa.String(length=300), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['draft_id'], ['audit_form_draft.id'], name=op.f('fk_audit_form_draft_step_draft_id')),
    sa.ForeignKeyConstraint(['made_by_id'], ['user_account.id'], name=op.f('fk_audit_form_draft_step_made_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_form_draft_step')),
    sa.UniqueConstraint('draft_id', 'number', name=op.f('uq_audit_form_draft_step_draft_id_number'))
    )
    with op.batch_alter_table('audit_form_draft_step', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_form_draft_step_made_by_id'), ['made_by_id'], unique=False)


def downgrade() -> None:
    """Take the change back."""
    op.drop_table('audit_form_draft_step')
    op.drop_table('audit_form_draft_author')
    op.drop_table('audit_form_draft')
