"""How far somebody's signing in is, and what they can prove themselves with."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from qa_app.domain.access import Viewer
from qa_app.domain.errors import NotFound
from qa_app.domain.sign_in import STEP_MINUTES
from qa_app.extensions import db
from qa_app.models.accounts import CouncilIdentity, RecoveryCode, SecondFactor, SignInStep, User, UserSession


@dataclass(frozen=True)
class StepHolder:
    """Somebody whose first step of signing in was right. `is_set_up`: they have a second factor that counts."""

    user_id: int
    email: str
    is_set_up: bool
    secret_sealed: str


@dataclass(frozen=True)
class OwnAccount:
    """What somebody can prove themselves with."""

    user_id: int
    email: str
    has_password: bool
    has_council_account: bool
    second_factor_since: datetime | None
    n_recovery_codes: int
    waiting_secret: str
    """The sealed secret of a second factor that waits to be confirmed; empty when none does."""


def get_step_holder(token_sha256: str, *, at: datetime) -> StepHolder:
    """Whose second step this is, as long as it can be taken.

    Errors: NotFound when it took too long, was taken, or the account is closed.
    """
    row = db.session.execute(
        select(User.id, User.email, SecondFactor.confirmed_at, SecondFactor.secret_sealed)
        .join(SignInStep, SignInStep.user_id == User.id)
        .join(SecondFactor, SecondFactor.user_id == User.id)
        .where(
            SignInStep.token_sha256 == token_sha256,
            SignInStep.used_at.is_(None),
            SignInStep.created_at > at - timedelta(minutes=STEP_MINUTES),
            User.is_active,
        )
    ).one_or_none()
    if row is None:
        raise NotFound("This took too long, or was finished elsewhere. Sign in again from the beginning.")
    return StepHolder(row[0], row[1], row[2] is not None, row[3])


def get_own_account(viewer: Viewer) -> OwnAccount:
    """What whoever asks can prove themselves with.

    Errors: NotFound.
    """
    row = db.session.execute(
        select(User, SecondFactor, CouncilIdentity.id)
        .outerjoin(SecondFactor, SecondFactor.user_id == User.id)
        .outerjoin(CouncilIdentity, CouncilIdentity.user_id == User.id)
        .where(User.id == viewer.user_id)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such account.")
    user, factor, identity_id = row
    n_codes = db.session.scalar(
        select(func.count(RecoveryCode.id)).where(
            RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None)
        )
    )
    waits = factor is not None and factor.confirmed_at is None
    return OwnAccount(
        user_id=user.id,
        email=user.email,
        has_password=user.password_hash is not None,
        has_council_account=identity_id is not None,
        second_factor_since=factor.confirmed_at if factor is not None else None,
        n_recovery_codes=n_codes or 0,
        waiting_secret=factor.secret_sealed if waits else "",
    )


def why_sign_in_ended(token_sha256: str, *, idle_minutes: int, longest_minutes: int, at: datetime) -> str:
    """Why a sign-in no longer stands, for the browser that still holds its token; nothing where that is not known."""
    row = db.session.scalar(select(UserSession).where(UserSession.token_sha256 == token_sha256))
    if row is None:
        return ""
    if row.ended_at is not None:
        return (
            "Your sign-in was ended: by you in another browser, by an administrator, or because your password, your "
            "second factor or your roles have changed. Sign in again to go on."
        )
    if row.created_at <= at - timedelta(minutes=longest_minutes):
        return f"A sign-in lasts {longest_minutes // 60} hours at the most. Sign in again to go on."
    if row.last_seen_at <= at - timedelta(minutes=idle_minutes):
        return f"You were signed out because nothing was done for {idle_minutes} minutes. Sign in again to go on."
    return ""


def get_address(user_id: int) -> str:
    """The address of an account.

    Errors: NotFound.
    """
    address = db.session.scalar(select(User.email).where(User.id == user_id))
    if address is None:
        raise NotFound("There is no such account.")
    return address
