"""Rules for passwords: long enough, not common, not the person's own name. No rules of composition (ASVS 6.2.5)."""

from __future__ import annotations

import functools
import pathlib
import secrets

SHORTEST, LONGEST = 10, 128
SEQUENCES = (
    "0123456789012345",
    "9876543210987654",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb",
)


@functools.cache
def common() -> frozenset[str]:
    """Words that passwords are made of again and again, here and elsewhere; digits around them change nothing."""
    path = pathlib.Path(__file__).with_name("common_passwords.txt")
    return frozenset(path.read_text(encoding="utf-8").split())


def problem(password: str, username: str = "") -> str | None:
    """The key of the rule that a password breaks, or None."""
    folded = password.lower()
    if len(password) < SHORTEST:
        return "password.too_short"
    if len(password) > LONGEST:
        return "password.too_long"
    if "\x00" in password:
        return "password.too_common"
    if username and len(username) >= 3 and username.lower() in folded:
        return "password.has_name"
    if len(set(folded)) < 5 or _common_at_heart(folded):
        return "password.too_common"
    if any(folded in sequence or folded[::-1] in sequence for sequence in SEQUENCES):
        return "password.too_common"
    return None


def _common_at_heart(folded: str) -> bool:
    bare = folded.strip("0123456789!@#$%._-")
    if folded in common() or not bare or bare in common():
        return True
    return any(len(word) >= 6 and folded.startswith(word) and len(folded) - len(word) <= 4 for word in common())


def random_password() -> str:
    """A first password, to be changed at the first login."""
    return secrets.token_urlsafe(12)
