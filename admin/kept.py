"""Workbooks as they were handed in, for their wrong rows, as long as the service keeps what was in them (X-65).

They lie apart from uploaded evidence, each under the id of its batch. A file's time is the end of its term: whoever
signs in or opens the imports sweeps away those whose term is over, so that nothing has to run for it. What a process
that was killed wrote by half goes with the first sweep an hour later.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from admin import files, settings, values

FOLDER, HALF_WRITTEN = "imports", "imports.tmp"
#: Seconds after which nobody is at work on a half-written one any longer.
GIVEN_UP = 3600
#: The limit of a batch after which nothing of its workbook is kept.
CLOCK = "kept"


def keep(batch: dict[str, Any], content: bytes) -> None:
    """Keep the workbook of a batch until the batch's term is over."""
    end, place = _end(batch), _place(batch)
    if end <= time.time():
        return
    with files.written_beside(_folder(HALF_WRITTEN)) as copy:
        copy.write(content)
    os.utime(copy.name, (end, end))
    place.parent.mkdir(exist_ok=True, mode=0o700)
    os.replace(copy.name, place)


def keep_on(batch: dict[str, Any]) -> None:
    """The term as it is now: it begins anew with each step, and is over at once with a batch that has ended."""
    with contextlib.suppress(FileNotFoundError):  # another process looks at it too
        if (place := path_of(batch)) is not None:
            os.utime(place, (_end(batch), _end(batch)))
            sweep()


def path_of(batch: dict[str, Any]) -> Path | None:
    """Where the workbook of a batch lies; None where it is not kept, or not any longer."""
    place = _place(batch)
    return place if place.is_file() and place.stat().st_mtime > time.time() else None


def sweep() -> None:
    """Remove the workbooks whose term is over, and those that were written by half long ago."""
    now = time.time()
    ends: dict[str, Callable[[os.stat_result], float]] = {
        FOLDER: lambda found: found.st_mtime,
        HALF_WRITTEN: lambda found: found.st_ctime + GIVEN_UP,
    }
    for name, end in ends.items():
        folder = _folder(name)
        for place in folder.iterdir() if folder.is_dir() else ():
            with contextlib.suppress(FileNotFoundError):
                if end(place.stat()) <= now:
                    place.unlink()


def _end(batch: dict[str, Any]) -> float:
    """When the term of a batch is over, as files have times; long ago for one that has ended."""
    running = [one for one in batch.get("clocks") or [] if one["name"] == CLOCK and not one.get("stopped_at")]
    end = values.parsed(running[0]["due_at"]) if running else None
    return end.timestamp() if end else 0.0


def _folder(name: str) -> Path:
    return settings.files_folder() / name


def _place(batch: dict[str, Any]) -> Path:
    return _folder(FOLDER) / str(batch["id"])
