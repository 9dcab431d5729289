"""The console: what the back office reads, decides and approves. It owns its users, roles and saved views only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask


def create_app(*args: Any, **kwargs: Any) -> Flask:
    """As `admin.app.create_app`, imported when it is called: the RPC client alone needs no Flask."""
    from admin.app import create_app as make

    return make(*args, **kwargs)


__all__ = ["create_app"]
