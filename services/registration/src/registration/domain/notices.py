"""What a person is told by mail of their own account, so that they notice where it was not they who did it."""

from __future__ import annotations

from enum import StrEnum


class Notice(StrEnum):
    """What has happened."""

    PASSWORD_CHANGED = "password-changed"  # noqa: S105
    ADDRESS_CHANGED = "address-changed"
    """Said at the address of before."""
    ADDRESS_WANTED = "address-wanted"
    """Somebody has asked that it be the address of another account."""
    SECOND_FACTOR_SET = "second-factor-set"
    SECOND_FACTOR_REMOVED = "second-factor-removed"
    SECOND_FACTOR_RESET = "second-factor-reset"
    RECOVERY_CODE_USED = "recovery-code-used"
    DATA_EXPORTED = "data-exported"
    """All that is kept of the person was handed over."""
