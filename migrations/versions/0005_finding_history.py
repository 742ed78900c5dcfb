"""finding one's way in the history

Revision: 0005
Follows: 0004
"""

import sqlalchemy as sa
from alembic import op


revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


NEW = {
    "history_entry": {
        "ix_history_entry_subject_at": ["subject_kind", "subject_id", "at"],
        "ix_history_entry_at": ["at"],
        "ix_history_entry_actor_at": ["actor_id", "at"],
        "ix_history_entry_kind_at": ["subject_kind", "at"],
        "ix_history_entry_action_at": ["action", "at"],
    },
    "access_entry": {
        "ix_access_entry_subject_at": ["subject_kind", "subject_id", "at"],
        "ix_access_entry_at": ["at"],
        "ix_access_entry_user_at": ["user_id", "at"],
        "ix_access_entry_what_at": ["what", "at"],
    },
}
# An index that begins with the same columns does their work.
OLD = {
    'history_entry': {
        'ix_history_entry_actor_id': ['actor_id'],
        'ix_history_entry_subject': ['subject_kind', 'subject_id'],
    },
    'access_entry': {
        'ix_access_entry_user_id': ['user_id'],
        'ix_access_entry_subject': ['subject_kind', 'subject_id'],
    },
}


def upgrade() -> None:
    """Make the change. Only indexes: no table is made anew, so every trigger stays."""
    exchange(OLD, NEW)


def downgrade() -> None:
    """Take the change back."""
    exchange(NEW, OLD)


def exchange(before: dict[str, dict[str, list[str]]], after: dict[str, dict[str, list[str]]]) -> None:
    """Drop some indexes and make others."""
    for table, indexes in before.items():
        for name in indexes:
            op.drop_index(name, table_name=table)
    for table, indexes in after.items():
        for name, columns in indexes.items():
            op.create_index(name, table, columns)
