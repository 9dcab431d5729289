"""The console: what the back office reads, decides and approves. It owns its users, roles and saved views only."""

from admin.app import create_app

__all__ = ["create_app"]
