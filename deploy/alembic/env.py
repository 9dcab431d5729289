"""Alembic's environment for every service; `deploy.migrations` says which one and on which connection."""

from alembic import context

from deploy.migrations import configure

configure(context)
