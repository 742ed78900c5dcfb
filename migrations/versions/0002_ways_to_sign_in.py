"""ways to sign in

Revision: 0002
Follows: 0001
"""

import sqlalchemy as sa
from alembic import op


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table('sign_in_step',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_sha256', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_sign_in_step_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_step')),
    sa.UniqueConstraint('token_sha256', name=op.f('uq_sign_in_step_token_sha256'))
    )
    op.create_index(op.f('ix_sign_in_step_user_id'), 'sign_in_step', ['user_id'], unique=False)
    op.create_table('sign_in_throttle',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('password', 'code', 'address', name='throttle_kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('key_sha256', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('n_attempts', sa.Integer(), nullable=False),
    sa.Column('window_started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('blocked_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('n_blocks', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_sign_in_throttle_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_throttle')),
    sa.UniqueConstraint('kind', 'key_sha256', name=op.f('uq_sign_in_throttle_kind_key_sha256'))
    )
    op.create_index(op.f('ix_sign_in_throttle_user_id'), 'sign_in_throttle', ['user_id'], unique=False)
    op.create_table('second_factor',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('secret_sealed', sa.String(length=400), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_step', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_second_factor_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_second_factor')),
    sa.UniqueConstraint('user_id', name=op.f('uq_second_factor_user_id'))
    )
    op.create_table('recovery_code',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('mark', sa.String(length=1), nullable=False),
    sa.Column('code_hash', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_recovery_code_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_code')),
    sa.UniqueConstraint('user_id', 'mark', name=op.f('uq_recovery_code_user_id_mark'))
    )
    op.create_index(op.f('ix_recovery_code_user_id'), 'recovery_code', ['user_id'], unique=False)
    op.create_table('council_identity',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('issuer', sa.String(length=255), nullable=False),
    sa.Column('subject', sa.String(length=255), nullable=False),
    sa.Column('linked_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_council_identity_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_council_identity')),
    sa.UniqueConstraint('issuer', 'subject', name=op.f('uq_council_identity_issuer_subject')),
    sa.UniqueConstraint('user_id', name=op.f('uq_council_identity_user_id'))
    )
    with op.batch_alter_table('user_account', schema=None) as batch_op:
        batch_op.add_column(sa.Column('is_break_glass', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('council_link_until', sa.DateTime(timezone=True), nullable=True))
        batch_op.drop_column('locked_until')
        batch_op.drop_column('n_failed_sign_ins')
    with op.batch_alter_table('user_account', schema=None) as batch_op:
        batch_op.alter_column('is_break_glass', server_default=None)
    with op.batch_alter_table('role_grant', schema=None) as batch_op:
        batch_op.add_column(sa.Column('suspended_at', sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table('user_session', schema=None) as batch_op:
        batch_op.add_column(sa.Column('way', sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column('verified_at', sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE user_session SET way = 'password', verified_at = created_at")
    with op.batch_alter_table('user_session', schema=None) as batch_op:
        batch_op.alter_column('way', existing_type=sa.String(length=40), nullable=False)
        batch_op.alter_column('verified_at', existing_type=sa.DateTime(timezone=True), nullable=False)
        batch_op.create_check_constraint(op.f('ck_user_session_way'), "way IN ('password', 'code', 'recovery_code', 'council_account')")


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table('user_session', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_user_session_way'), type_='check')
        batch_op.drop_column('verified_at')
        batch_op.drop_column('way')
    with op.batch_alter_table('role_grant', schema=None) as batch_op:
        batch_op.drop_column('suspended_at')
    with op.batch_alter_table('user_account', schema=None) as batch_op:
        batch_op.add_column(sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('n_failed_sign_ins', sa.Integer(), server_default='0', nullable=False))
        batch_op.drop_column('council_link_until')
        batch_op.drop_column('is_break_glass')
    with op.batch_alter_table('user_account', schema=None) as batch_op:
        batch_op.alter_column('n_failed_sign_ins', server_default=None)
    op.drop_table('council_identity')
    op.drop_table('recovery_code')
    op.drop_table('second_factor')
    op.drop_table('sign_in_throttle')
    op.drop_table('sign_in_step')
