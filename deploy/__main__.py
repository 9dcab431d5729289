"""``python -m deploy``: what ``./anju`` hands over to."""

from __future__ import annotations

import sys
import warnings

# Nameko stands on eventlet, whose import says that new projects should not; whoever types ./anju cannot act on it.
warnings.filterwarnings("ignore", message=r"(?s).*Eventlet is deprecated")

from deploy.cli import run  # noqa: E402

sys.exit(run())
