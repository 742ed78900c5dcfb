"""case flags and supervision

Revision: 0009
Follows: 0008
"""

import sqlalchemy as sa
from alembic import op


revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


FLAG_VALUES = sa.Enum('nothing', 'group', 'practitioner', name='value_kind', native_enum=False, create_constraint=True, length=40)
NAME_KINDS = sa.Enum('team', 'worker', name='kind', native_enum=False, create_constraint=True, length=40)
SHEET_KINDS = sa.Enum('organisation', 'case_flags', name='kind', native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Make the change."""
    _widen_the_organisation()
    _make_tables()
    _widen_flags()


def downgrade() -> None:
    """Take the change back."""
    op.execute("DELETE FROM name_doubt WHERE caseload_import_id IS NULL")
    with op.batch_alter_table('name_doubt', schema=None) as batch_op:
        batch_op.alter_column('caseload_import_id', existing_type=sa.Integer(), nullable=False)
    with op.batch_alter_table('case_flag', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_case_flag_ends_after_its_start'), type_='check')
        batch_op.drop_constraint(op.f('fk_case_flag_practitioner_id'), type_='foreignkey')
        batch_op.drop_constraint(op.f('fk_case_flag_upload_id'), type_='foreignkey')
        batch_op.drop_constraint(op.f('fk_case_flag_ended_by_id'), type_='foreignkey')
        for name in ('ix_case_flag_practitioner_id', 'ix_case_flag_upload_id', 'ix_case_flag_ended_by_id', 'ix_case_flag_kind_starts_on'):
            batch_op.drop_index(name)
        for name in ('practitioner_id', 'value', 'raised_at', 'upload_id', 'ended_at', 'ended_by_id', 'end_reason'):
            batch_op.drop_column(name)
    for table in ('waiting_sheet', 'name_merge', 'case_flag_upload', 'case_flag_kind'):
        op.drop_table(table)
    with op.batch_alter_table('practitioner', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_practitioner_supervised_by_another'), type_='check')
        batch_op.drop_constraint(op.f('ck_practitioner_merged_into_another'), type_='check')
        batch_op.drop_constraint(op.f('fk_practitioner_supervisor_id'), type_='foreignkey')
        batch_op.drop_constraint(op.f('fk_practitioner_merged_into_id'), type_='foreignkey')
        batch_op.drop_index('ix_practitioner_supervisor_id')
        batch_op.drop_index('ix_practitioner_merged_into_id')
        for name in ('supervisor_id', 'merged_into_id', 'hidden_at'):
            batch_op.drop_column(name)
    with op.batch_alter_table('team', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_team_merged_into_another'), type_='check')
        batch_op.drop_constraint(op.f('fk_team_merged_into_id'), type_='foreignkey')
        batch_op.drop_index('ix_team_merged_into_id')
        batch_op.drop_column('merged_into_id')
        batch_op.drop_column('hidden_at')


def _widen_the_organisation() -> None:
    with op.batch_alter_table('team', schema=None) as batch_op:
        batch_op.add_column(sa.Column('merged_into_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('hidden_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key(op.f('fk_team_merged_into_id'), 'team', ['merged_into_id'], ['id'])
        batch_op.create_check_constraint(op.f('ck_team_merged_into_another'), 'merged_into_id <> id')
        batch_op.create_index('ix_team_merged_into_id', ['merged_into_id'], unique=False)
    with op.batch_alter_table('practitioner', schema=None) as batch_op:
        batch_op.add_column(sa.Column('supervisor_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('merged_into_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('hidden_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key(op.f('fk_practitioner_supervisor_id'), 'practitioner', ['supervisor_id'], ['id'])
        batch_op.create_foreign_key(op.f('fk_practitioner_merged_into_id'), 'practitioner', ['merged_into_id'], ['id'])
        batch_op.create_check_constraint(op.f('ck_practitioner_supervised_by_another'), 'supervisor_id <> id')
        batch_op.create_check_constraint(op.f('ck_practitioner_merged_into_another'), 'merged_into_id <> id')
        batch_op.create_index('ix_practitioner_supervisor_id', ['supervisor_id'], unique=False)
        batch_op.create_index('ix_practitioner_merged_into_id', ['merged_into_id'], unique=False)
    with op.batch_alter_table('name_doubt', schema=None) as batch_op:
        batch_op.alter_column('caseload_import_id', existing_type=sa.Integer(), nullable=True)


def _make_tables() -> None:
    op.create_table('case_flag_kind',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('label', sa.String(length=80), nullable=False),
    sa.Column('value_kind', FLAG_VALUES, nullable=False),
    sa.Column('excludes', sa.Boolean(), nullable=False),
    sa.Column('is_in_use', sa.Boolean(), nullable=False),
    sa.Column('spellings', sa.JSON(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('added_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['added_by_id'], ['user_account.id'], name=op.f('fk_case_flag_kind_added_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_flag_kind')),
    sa.UniqueConstraint('key', name=op.f('uq_case_flag_kind_key'))
    )
    op.create_index(op.f('ix_case_flag_kind_added_by_id'), 'case_flag_kind', ['added_by_id'], unique=False)
    op.create_table('case_flag_upload',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('as_at', sa.Date(), nullable=False),
    sa.Column('file_sha256', sa.String(length=64), nullable=False),
    sa.Column('replaces', sa.Boolean(), nullable=False),
    sa.Column('kinds', sa.JSON(), nullable=False),
    sa.Column('n_new', sa.Integer(), nullable=False),
    sa.Column('n_ended', sa.Integer(), nullable=False),
    sa.Column('n_unchanged', sa.Integer(), nullable=False),
    sa.Column('n_left_out', sa.Integer(), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('uploaded_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['uploaded_by_id'], ['user_account.id'], name=op.f('fk_case_flag_upload_uploaded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_flag_upload'))
    )
    op.create_index(op.f('ix_case_flag_upload_as_at'), 'case_flag_upload', ['as_at'], unique=False)
    op.create_index(op.f('ix_case_flag_upload_uploaded_by_id'), 'case_flag_upload', ['uploaded_by_id'], unique=False)
    op.create_table('name_merge',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', NAME_KINDS, nullable=False),
    sa.Column('from_id', sa.Integer(), nullable=False),
    sa.Column('into_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('moved', sa.JSON(), nullable=False),
    sa.Column('settled', sa.JSON(), nullable=False),
    sa.Column('part_of_id', sa.Integer(), nullable=True),
    sa.Column('merged_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('merged_by_id', sa.Integer(), nullable=True),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('undone_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('from_id <> into_id', name=op.f('ck_name_merge_two_names')),
    sa.ForeignKeyConstraint(['merged_by_id'], ['user_account.id'], name=op.f('fk_name_merge_merged_by_id')),
    sa.ForeignKeyConstraint(['part_of_id'], ['name_merge.id'], name=op.f('fk_name_merge_part_of_id')),
    sa.ForeignKeyConstraint(['undone_by_id'], ['user_account.id'], name=op.f('fk_name_merge_undone_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_name_merge'))
    )
    op.create_index('ix_name_merge_kind_from_id', 'name_merge', ['kind', 'from_id'], unique=False)
    for column in ('merged_by_id', 'part_of_id', 'undone_by_id'):
        op.create_index(op.f(f'ix_name_merge_{column}'), 'name_merge', [column], unique=False)
    op.create_table('waiting_sheet',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', SHEET_KINDS, nullable=False),
    sa.Column('file_name', sa.String(length=200), nullable=False),
    sa.Column('file_sha256', sa.String(length=64), nullable=False),
    sa.Column('as_at', sa.Date(), nullable=True),
    sa.Column('replaces', sa.Boolean(), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('uploaded_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['uploaded_by_id'], ['user_account.id'], name=op.f('fk_waiting_sheet_uploaded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_waiting_sheet'))
    )
    op.create_index(op.f('ix_waiting_sheet_uploaded_at'), 'waiting_sheet', ['uploaded_at'], unique=False)
    op.create_index(op.f('ix_waiting_sheet_uploaded_by_id'), 'waiting_sheet', ['uploaded_by_id'], unique=False)


def _widen_flags() -> None:
    with op.batch_alter_table('case_flag', schema=None) as batch_op:
        batch_op.add_column(sa.Column('value', sa.String(length=160), server_default='', nullable=False))
        batch_op.add_column(sa.Column('practitioner_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('raised_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('upload_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('ended_by_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('end_reason', sa.Text(), nullable=True))
        batch_op.create_foreign_key(op.f('fk_case_flag_practitioner_id'), 'practitioner', ['practitioner_id'], ['id'])
        batch_op.create_foreign_key(op.f('fk_case_flag_upload_id'), 'case_flag_upload', ['upload_id'], ['id'])
        batch_op.create_foreign_key(op.f('fk_case_flag_ended_by_id'), 'user_account', ['ended_by_id'], ['id'])
        batch_op.create_check_constraint(op.f('ck_case_flag_ends_after_its_start'), 'ends_on IS NULL OR ends_on >= starts_on')
        batch_op.create_index('ix_case_flag_practitioner_id', ['practitioner_id'], unique=False)
        batch_op.create_index('ix_case_flag_upload_id', ['upload_id'], unique=False)
        batch_op.create_index('ix_case_flag_ended_by_id', ['ended_by_id'], unique=False)
        batch_op.create_index('ix_case_flag_kind_starts_on', ['kind', 'starts_on'], unique=False)
