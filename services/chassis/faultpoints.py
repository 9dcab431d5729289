"""Named places at which a fault test stops the process, as a power cut would: `ANJU_FAULT=name:count`.

Inert unless the variable is set. The process ends with SIGKILL when it reaches the named point for the count-th time.
"""

from __future__ import annotations

import os
import signal

_name, _, _count = os.environ.get("ANJU_FAULT", "").partition(":")
_left = int(_count or 1) if _name else 0


def reached(name: str) -> None:
    """Say that execution is at a named point."""
    global _left
    if _name != name:
        return
    _left -= 1
    if _left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
