"""The second factor of an account: added, proved, replaced, taken away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select

from qa_app.adapters.secret_box import SecretBox
from qa_app.domain.access import Permission, Viewer
from qa_app.domain.errors import Conflict, Invalid, NotFound
from qa_app.domain.second_factor import (
    fresh_recovery_codes,
    fresh_secret,
    read_recovery_code,
    spaced_recovery_code,
    step_of_code,
)
from qa_app.extensions import db
from qa_app.models.accounts import RecoveryCode, SecondFactor, User
from qa_app.services import history
from qa_app.services.accounts import HASHER, end_sessions, find_user

WRONG_CODE = "This code is not right, was used already, or is too old. Enter the one that your app shows now."
WRONG_RECOVERY_CODE = "This is not one of your recovery codes, or it was used already."


@dataclass(frozen=True)
class FreshCodes:
    """Recovery codes to be shown once, and what is kept. Made before the transaction: it takes half a second."""

    shown: tuple[str, ...]
    kept: tuple[tuple[str, str], ...]


def make_codes() -> FreshCodes:
    """Ten fresh recovery codes with their hashes."""
    codes = fresh_recovery_codes()
    return FreshCodes(
        tuple(spaced_recovery_code(code) for code in codes),
        tuple((code[0], HASHER.hash(code)) for code in codes),
    )


def begin_second_factor(user_id: int, box: SecretBox, *, at: datetime) -> None:
    """Make a secret for an authenticator, to be confirmed by a code. One not confirmed before is thrown away.

    Errors: Conflict when the account has a second factor.
    """
    row = _factor(user_id)
    if row is not None and row.confirmed_at is not None:
        raise Conflict("There is a second factor already. Remove it first, then set up another.")
    sealed = box.seal(f"{user_id} {fresh_secret()}")
    if row is None:
        db.session.add(SecondFactor(user_id=user_id, secret_sealed=sealed, created_at=at))
    else:
        row.secret_sealed, row.created_at = sealed, at
    db.session.flush()


def secret_of(user_id: int, sealed: str, box: SecretBox) -> str:
    """The secret of somebody's authenticator.

    Errors: Conflict when it can't be read, or was sealed for somebody else.
    """
    owner, _, secret = box.open(sealed).partition(" ")
    if owner != str(user_id):
        raise Conflict("The second factor cannot be read. Ask an administrator to reset it.")
    return secret


def confirm_second_factor(
    user_id: int, code: str, codes: FreshCodes, box: SecretBox, *, at: datetime
) -> None:
    """Take an authenticator into use by a code of it, with its recovery codes. Every sign-in of theirs ends.

    Errors: Invalid when the code is not right; NotFound when nothing waits to be confirmed.
    """
    row = _factor(user_id)
    if row is None or row.confirmed_at is not None:
        raise NotFound("No second factor is being set up. Begin again.")
    step = step_of_code(secret_of(user_id, row.secret_sealed, box), code, at, last_step=None)
    if step is None:
        raise Invalid("code", WRONG_CODE)
    row.confirmed_at, row.last_step = at, step
    _replace_codes(user_id, codes.kept, at=at)
    end_sessions(user_id, at=at)
    history.record(_oneself(user_id), "add_second_factor", "user", user_id, at=at)


def use_code(user_id: int, code: str, box: SecretBox, *, at: datetime) -> None:
    """Take a code of the authenticator. Each is taken once.

    Errors: Invalid when it is not right; Conflict when the secret can't be read.
    """
    row = _factor(user_id)
    if row is None or row.confirmed_at is None:
        raise Invalid("code", WRONG_CODE)
    step = step_of_code(secret_of(user_id, row.secret_sealed, box), code, at, last_step=row.last_step)
    if step is None:
        raise Invalid("code", WRONG_CODE)
    row.last_step = step


def find_recovery_code(user_id: int, typed: str) -> tuple[int, str, str] | None:
    """The kept code that this may be: its number, its hash, and what was typed as it was hashed."""
    code = read_recovery_code(typed)
    if code is None:
        return None
    row = db.session.scalar(
        select(RecoveryCode).where(
            RecoveryCode.user_id == user_id, RecoveryCode.mark == code[0], RecoveryCode.used_at.is_(None)
        )
    )
    return None if row is None else (row.id, row.code_hash, code)


def is_recovery_code(found: tuple[int, str, str] | None) -> bool:
    """Whether what was typed is the kept code. It takes about 50 ms: end the transaction before."""
    if found is None:
        return False
    try:
        return HASHER.verify(found[1], found[2])
    except (VerificationError, InvalidHashError):
        return False


def use_recovery_code(user_id: int, code_id: int, *, at: datetime) -> int:
    """Use up a recovery code that was found right; gives how many are left.

    Errors: Invalid when it was used meanwhile.
    """
    rows = db.session.scalars(
        select(RecoveryCode)
        .where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    row = next((each for each in rows if each.id == code_id), None)
    if row is None:
        raise Invalid("code", WRONG_RECOVERY_CODE)
    row.used_at = at
    left = len(rows) - 1
    history.record(_oneself(user_id), "use_recovery_code", "user", user_id, at=at, after={"left": left})
    return left


def replace_recovery_codes(viewer: Viewer, codes: FreshCodes, *, at: datetime) -> None:
    """Make the old recovery codes void and keep others.

    Errors: NotFound without a second factor.
    """
    user_id = _own_id(viewer)
    row = _factor(user_id)
    if row is None or row.confirmed_at is None:
        raise NotFound("You have no second factor, so there are no recovery codes.")
    _replace_codes(user_id, codes.kept, at=at)
    history.record(viewer, "make_recovery_codes", "user", user_id, at=at)


def remove_second_factor(viewer: Viewer, *, at: datetime) -> None:
    """Take away one's own second factor and its recovery codes. Every sign-in of one's own ends.

    Errors: NotFound when there is none.
    """
    user_id = _own_id(viewer)
    _remove(user_id)
    end_sessions(user_id, at=at)
    history.record(viewer, "remove_second_factor", "user", user_id, at=at)


def reset_second_factor(viewer: Viewer, user_id: int, *, at: datetime) -> None:
    """Take away the second factor of somebody who has lost it. Every sign-in of theirs ends.

    Errors: NotFound when there is none.
    """
    viewer.require(Permission.MANAGE_USERS)
    find_user(user_id)
    _remove(user_id)
    end_sessions(user_id, at=at)
    history.record(viewer, "reset_second_factor", "user", user_id, at=at)


def _remove(user_id: int) -> None:
    row = _factor(user_id)
    if row is None or row.confirmed_at is None:
        raise NotFound("This account has no second factor.")
    db.session.delete(row)
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


def _factor(user_id: int) -> SecondFactor | None:
    # Locks the row: of two requests with the same code, the second finds it used.
    return db.session.scalar(
        select(SecondFactor)
        .where(SecondFactor.user_id == user_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _replace_codes(user_id: int, kept: Sequence[tuple[str, str]], *, at: datetime) -> None:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    db.session.add_all(
        RecoveryCode(user_id=user_id, mark=mark, code_hash=hashed, created_at=at) for mark, hashed in kept
    )


def _own_id(viewer: Viewer) -> int:
    if viewer.user_id is None:
        raise NotFound("The system itself has no second factor.")
    return viewer.user_id


def _oneself(user_id: int) -> Viewer:
    return Viewer(user_id, db.session.get_one(User, user_id).name, ())
