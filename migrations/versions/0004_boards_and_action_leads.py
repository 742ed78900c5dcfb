"""boards and action leads

Revision: 0004
Follows: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

SCOPES = ('whole_service', 'service_area', 'team', 'agency', 'own_reviews', 'own_actions')


def upgrade() -> None:
    """Make the change."""
    op.create_table('agency',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['created_by_id'], ['user_account.id'], name=op.f('fk_agency_created_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agency')),
    sa.UniqueConstraint('name', name=op.f('uq_agency_name'))
    )
    with op.batch_alter_table('agency', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_agency_created_by_id'), ['created_by_id'], unique=False)

    op.create_table('board',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('purpose', sa.String(length=400), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['created_by_id'], ['user_account.id'], name=op.f('fk_board_created_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_board')),
    sa.UniqueConstraint('name', name=op.f('uq_board_name'))
    )
    with op.batch_alter_table('board', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_board_created_by_id'), ['created_by_id'], unique=False)

    op.create_table('issued_report',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('board_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('exception', name='report_kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('as_at', sa.Date(), nullable=False),
    sa.Column('marking', sa.Enum('public', 'restricted', name='marking', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('plan_id', sa.Integer(), nullable=True),
    sa.Column('data', sa.JSON(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('history_head', sa.String(length=80), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('issued_by_id', sa.Integer(), nullable=False),
    sa.Column('statement_by_id', sa.Integer(), nullable=False),
    sa.Column('corrects_id', sa.Integer(), nullable=True),
    sa.Column('correction_reason', sa.String(length=1000), nullable=True),
    sa.CheckConstraint('(corrects_id IS NULL) = (correction_reason IS NULL)', name=op.f('ck_issued_report_correction_says_why')),
    sa.ForeignKeyConstraint(['board_id'], ['board.id'], name=op.f('fk_issued_report_board_id')),
    sa.ForeignKeyConstraint(['corrects_id'], ['issued_report.id'], name=op.f('fk_issued_report_corrects_id')),
    sa.ForeignKeyConstraint(['issued_by_id'], ['user_account.id'], name=op.f('fk_issued_report_issued_by_id')),
    sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f('fk_issued_report_plan_id')),
    sa.ForeignKeyConstraint(['statement_by_id'], ['user_account.id'], name=op.f('fk_issued_report_statement_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_issued_report')),
    sa.UniqueConstraint('corrects_id', name=op.f('uq_issued_report_corrects_id'))
    )
    with op.batch_alter_table('issued_report', schema=None) as batch_op:
        batch_op.create_index('ix_issued_report_board_issued', ['board_id', 'issued_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_issued_report_issued_by_id'), ['issued_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_issued_report_plan_id'), ['plan_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_issued_report_sha256'), ['sha256'], unique=False)
        batch_op.create_index(batch_op.f('ix_issued_report_statement_by_id'), ['statement_by_id'], unique=False)

    op.create_table('plan_words_aside',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('plan_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('lead', 'agency', name='words_kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('words', sa.String(length=300), nullable=False),
    sa.Column('aside_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('aside_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['aside_by_id'], ['user_account.id'], name=op.f('fk_plan_words_aside_aside_by_id')),
    sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f('fk_plan_words_aside_plan_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_words_aside')),
    sa.UniqueConstraint('plan_id', 'kind', 'words', name=op.f('uq_plan_words_aside_plan_id_kind_words'))
    )
    with op.batch_alter_table('plan_words_aside', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_plan_words_aside_aside_by_id'), ['aside_by_id'], unique=False)

    op.create_table('report_draft',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('board_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('exception', name='report_kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('plan_id', sa.Integer(), nullable=False),
    sa.Column('as_at', sa.Date(), nullable=False),
    sa.Column('marking', sa.Enum('public', 'restricted', name='marking', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('recommendations', sa.Text(), nullable=False),
    sa.Column('lead_officer', sa.String(length=200), nullable=False),
    sa.Column('contact_officer', sa.String(length=200), nullable=False),
    sa.Column('officer_id', sa.Integer(), nullable=False),
    sa.Column('officer_post', sa.String(length=200), nullable=False),
    sa.Column('statement', sa.Text(), nullable=True),
    sa.Column('statement_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('figures_sha256', sa.String(length=64), nullable=True),
    sa.Column('corrects_id', sa.Integer(), nullable=True),
    sa.Column('correction_reason', sa.String(length=1000), nullable=True),
    sa.Column('prepared_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('prepared_by_id', sa.Integer(), nullable=False),
    sa.Column('dropped_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('issued_report_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('(statement IS NULL) = (statement_at IS NULL) AND (statement IS NULL) = (figures_sha256 IS NULL)', name=op.f('ck_report_draft_statement_is_whole')),
    sa.ForeignKeyConstraint(['board_id'], ['board.id'], name=op.f('fk_report_draft_board_id')),
    sa.ForeignKeyConstraint(['corrects_id'], ['issued_report.id'], name=op.f('fk_report_draft_corrects_id')),
    sa.ForeignKeyConstraint(['issued_report_id'], ['issued_report.id'], name=op.f('fk_report_draft_issued_report_id')),
    sa.ForeignKeyConstraint(['officer_id'], ['user_account.id'], name=op.f('fk_report_draft_officer_id')),
    sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f('fk_report_draft_plan_id')),
    sa.ForeignKeyConstraint(['prepared_by_id'], ['user_account.id'], name=op.f('fk_report_draft_prepared_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report_draft')),
    sa.UniqueConstraint('issued_report_id', name=op.f('uq_report_draft_issued_report_id'))
    )
    with op.batch_alter_table('report_draft', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_report_draft_board_id'), ['board_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_report_draft_corrects_id'), ['corrects_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_report_draft_officer_id'), ['officer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_report_draft_plan_id'), ['plan_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_report_draft_prepared_by_id'), ['prepared_by_id'], unique=False)

    op.create_table('action_agency',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('action_id', sa.Integer(), nullable=False),
    sa.Column('agency_id', sa.Integer(), nullable=False),
    sa.Column('written', sa.String(length=300), nullable=False),
    sa.Column('named_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('named_by_id', sa.Integer(), nullable=True),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('removed_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['action_id'], ['plan_action.id'], name=op.f('fk_action_agency_action_id')),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_action_agency_agency_id')),
    sa.ForeignKeyConstraint(['named_by_id'], ['user_account.id'], name=op.f('fk_action_agency_named_by_id')),
    sa.ForeignKeyConstraint(['removed_by_id'], ['user_account.id'], name=op.f('fk_action_agency_removed_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_action_agency'))
    )
    with op.batch_alter_table('action_agency', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_action_agency_action_id'), ['action_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_action_agency_agency_id'), ['agency_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_action_agency_named_by_id'), ['named_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_action_agency_removed_by_id'), ['removed_by_id'], unique=False)
        batch_op.create_index('uq_action_agency_standing', ['action_id', 'agency_id'], unique=True, sqlite_where=sa.text('removed_at IS NULL'), postgresql_where=sa.text('removed_at IS NULL'))

    op.create_table('action_lead',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('action_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('strategic', 'operational', name='lead_kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('written', sa.String(length=300), nullable=False),
    sa.Column('assigned_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('assigned_by_id', sa.Integer(), nullable=True),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('removed_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['action_id'], ['plan_action.id'], name=op.f('fk_action_lead_action_id')),
    sa.ForeignKeyConstraint(['assigned_by_id'], ['user_account.id'], name=op.f('fk_action_lead_assigned_by_id')),
    sa.ForeignKeyConstraint(['removed_by_id'], ['user_account.id'], name=op.f('fk_action_lead_removed_by_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_action_lead_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_action_lead'))
    )
    with op.batch_alter_table('action_lead', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_action_lead_action_id'), ['action_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_action_lead_assigned_by_id'), ['assigned_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_action_lead_removed_by_id'), ['removed_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_action_lead_user_id'), ['user_id'], unique=False)
        batch_op.create_index('uq_action_lead_standing', ['action_id', 'user_id', 'kind'], unique=True, sqlite_where=sa.text('removed_at IS NULL'), postgresql_where=sa.text('removed_at IS NULL'))

    with op.batch_alter_table('role_grant', schema=None) as batch_op:
        batch_op.add_column(sa.Column('board_id', sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f('ix_role_grant_board_id'), ['board_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_role_grant_board_id'), 'board', ['board_id'], ['id'])
        batch_op.drop_constraint(batch_op.f('ck_role_grant_scope'), type_='check')
        batch_op.create_check_constraint(batch_op.f('ck_role_grant_scope'), sa.column('scope').in_((*SCOPES, 'board')))
        batch_op.create_check_constraint(batch_op.f('ck_role_grant_board_is_named'), "scope != 'board' OR board_id IS NOT NULL")


def downgrade() -> None:
    """Take the change back. Roles that held over a board go: the older shape has no place for them."""
    op.execute("DELETE FROM role_grant WHERE scope = 'board'")
    with op.batch_alter_table('role_grant', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_role_grant_board_is_named'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_role_grant_scope'), type_='check')
        batch_op.create_check_constraint(batch_op.f('ck_role_grant_scope'), sa.column('scope').in_(SCOPES))
        batch_op.drop_constraint(batch_op.f('fk_role_grant_board_id'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_role_grant_board_id'))
        batch_op.drop_column('board_id')

    with op.batch_alter_table('action_lead', schema=None) as batch_op:
        batch_op.drop_index('uq_action_lead_standing', sqlite_where=sa.text('removed_at IS NULL'), postgresql_where=sa.text('removed_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_action_lead_user_id'))
        batch_op.drop_index(batch_op.f('ix_action_lead_removed_by_id'))
        batch_op.drop_index(batch_op.f('ix_action_lead_assigned_by_id'))
        batch_op.drop_index(batch_op.f('ix_action_lead_action_id'))

    op.drop_table('action_lead')
    with op.batch_alter_table('action_agency', schema=None) as batch_op:
        batch_op.drop_index('uq_action_agency_standing', sqlite_where=sa.text('removed_at IS NULL'), postgresql_where=sa.text('removed_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_action_agency_removed_by_id'))
        batch_op.drop_index(batch_op.f('ix_action_agency_named_by_id'))
        batch_op.drop_index(batch_op.f('ix_action_agency_agency_id'))
        batch_op.drop_index(batch_op.f('ix_action_agency_action_id'))

    op.drop_table('action_agency')
    with op.batch_alter_table('report_draft', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_report_draft_prepared_by_id'))
        batch_op.drop_index(batch_op.f('ix_report_draft_plan_id'))
        batch_op.drop_index(batch_op.f('ix_report_draft_officer_id'))
        batch_op.drop_index(batch_op.f('ix_report_draft_corrects_id'))
        batch_op.drop_index(batch_op.f('ix_report_draft_board_id'))

    op.drop_table('report_draft')
    with op.batch_alter_table('plan_words_aside', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_plan_words_aside_aside_by_id'))

    op.drop_table('plan_words_aside')
    with op.batch_alter_table('issued_report', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_issued_report_statement_by_id'))
        batch_op.drop_index(batch_op.f('ix_issued_report_sha256'))
        batch_op.drop_index(batch_op.f('ix_issued_report_plan_id'))
        batch_op.drop_index(batch_op.f('ix_issued_report_issued_by_id'))
        batch_op.drop_index('ix_issued_report_board_issued')

    op.drop_table('issued_report')
    with op.batch_alter_table('board', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_board_created_by_id'))

    op.drop_table('board')
    with op.batch_alter_table('agency', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_agency_created_by_id'))

    op.drop_table('agency')
