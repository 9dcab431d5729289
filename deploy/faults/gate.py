"""Lets the load go in shares, so that every fault meets a system at work and the last one does too."""

from __future__ import annotations

import threading


class Gate:
    """Open up to a share of the load, from 0 to 1; after `stop` everybody ends."""

    def __init__(self) -> None:
        self._share = 0.0
        self.stopped = threading.Event()

    def let(self, share: float) -> None:
        """Open by another share."""
        self._share += share

    def stop(self) -> None:
        self.stopped.set()

    def is_open(self, part: float) -> bool:
        """Whether the part, from 0 to 1, may go."""
        return part <= self._share + 1e-9
