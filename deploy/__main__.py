"""``python -m deploy``: what ``./anju`` hands over to."""

from __future__ import annotations

import sys

from deploy.cli import run

sys.exit(run())
