"""``python -m deploy.seeding``: demo accounts from stdin, made by the console's own code.

A process of its own: it is the one place of the launcher that imports the console, which takes seconds.
"""

from __future__ import annotations

import json
import sys
from typing import Any


def make_accounts(told: dict[str, Any]) -> None:
    """Create the accounts or bring them up to date: roles, scopes and password."""
    from admin import create_app
    from admin.accounts import create_account

    with create_app().app_context():
        for one in told["accounts"]:
            create_account(one["username"], one["name"], told["password"], one["roles"])


if __name__ == "__main__":
    make_accounts(json.load(sys.stdin))
