"""Workbooks as they were handed in, for their wrong rows, as long as the service keeps what was in them (X-65).

They lie apart from uploaded evidence, each under the id of its batch. A file's time is the end of its term: whoever
signs in or opens the imports sweeps away those whose term is over, so that nothing has to run for it.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from admin import settings, values

FOLDER = "imports"
#: The limit of a batch after which nothing of its workbook is kept.
CLOCK = "kept"


def keep(batch: dict[str, Any], content: bytes) -> None:
    """Keep the workbook of a batch until the batch's term is over."""
    end, folder = _end(batch), _folder()
    if end <= time.time():
        return
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile(dir=folder.parent, delete=False) as copy:
        copy.write(content)
    os.utime(copy.name, (end, end))
    os.replace(copy.name, _place(batch))


def keep_on(batch: dict[str, Any]) -> None:
    """The term as it is now: it begins anew with each step, and is over at once with a batch that has ended."""
    if (place := path_of(batch)) is not None:
        os.utime(place, (_end(batch), _end(batch)))
        sweep()


def path_of(batch: dict[str, Any]) -> Path | None:
    """Where the workbook of a batch lies; None where it is not kept, or not any longer."""
    place = _place(batch)
    return place if place.is_file() and place.stat().st_mtime > time.time() else None


def sweep() -> None:
    """Remove the workbooks whose term is over."""
    folder, now = _folder(), time.time()
    for place in folder.iterdir() if folder.is_dir() else ():
        with contextlib.suppress(FileNotFoundError):  # another process sweeps too
            if place.stat().st_mtime <= now:
                place.unlink()


def _end(batch: dict[str, Any]) -> float:
    """When the term of a batch is over, as files have times; long ago for one that has ended."""
    running = [one for one in batch.get("clocks") or [] if one["name"] == CLOCK and not one.get("stopped_at")]
    end = values.parsed(running[0]["due_at"]) if running else None
    return end.timestamp() if end else 0.0


def _folder() -> Path:
    return settings.files_folder() / FOLDER


def _place(batch: dict[str, Any]) -> Path:
    return _folder() / str(batch["id"])
