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
        "ix_history_entry_at": ["at"],
        "ix_history_entry_actor_at": ["actor_id", "at"],
        "ix_history_entry_kind_at": ["subject_kind", "at"],
        "ix_history_entry_action_at": ["action", "at"],
    },
    "access_entry": {
        "ix_access_entry_at": ["at"],
        "ix_access_entry_user_at": ["user_id", "at"],
        "ix_access_entry_what_at": ["what", "at"],
    },
}
# An index that begins with the same column does their work.
OLD = {
    "history_entry": ("ix_history_entry_actor_id", "actor_id"),
    "access_entry": ("ix_access_entry_user_id", "user_id"),
}


def upgrade() -> None:
    """Make the change. Only indexes: no table is made anew, so every trigger stays."""
    for table, (name, _) in OLD.items():
        op.drop_index(name, table_name=table)
    for table, indexes in NEW.items():
        for name, columns in indexes.items():
            op.create_index(name, table, columns)


def downgrade() -> None:
    """Take the change back."""
    for table, indexes in NEW.items():
        for name in reversed(indexes):
            op.drop_index(name, table_name=table)
    for table, (name, column) in OLD.items():
        op.create_index(name, table, [column])
