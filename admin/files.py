"""Uploaded files, kept by the hash of their content below `ANJU_FILES` (default: `files` in the state folder).

The services hold addresses only (`services.contracts.files`). Whoever may read a record that names a file may read the
file: the service decides, as for every field.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from flask import Response, send_file
from werkzeug.datastructures import FileStorage

from admin import settings
from services.contracts.errors import ValidationFailed
from services.contracts.files import UploadedFile, uploaded

MOST_BYTES = 20 * 1024 * 1024
MOST_REQUEST = MOST_BYTES + 1024 * 1024
CHUNK = 64 * 1024
#: What evidence is made of; nothing that a browser or an office program runs.
KINDS = {
    **dict.fromkeys((".jpg", ".jpeg"), "image/jpeg"),
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".heic": "image/heic",
    ".pdf": "application/pdf",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".wav": "audio/wav",
    ".amr": "audio/amr",
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".txt": "text/plain",
    ".csv": "text/csv",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
SHOWN_INLINE = ("image/jpeg", "image/png", "image/webp", "image/gif")


def media_type(name: str) -> str | None:
    """The type of a file by its ending, or None where it is not one that is taken."""
    return KINDS.get(Path(name).suffix.lower())


@contextlib.contextmanager
def written_beside(folder: Path) -> Iterator[IO[bytes]]:
    """A new file in a folder, to be written and then moved to its place; where that fails, nothing of it stays."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as copy:
        try:
            yield copy
            copy.flush()
            os.fsync(copy.fileno())
        except BaseException:
            os.unlink(copy.name)
            raise


def keep(field: str, given: FileStorage) -> str:
    """Keep an uploaded file; returns its address. Raises `ValidationFailed` that names the field and the rule."""
    name = Path((given.filename or "").replace("\\", "/")).name
    if media_type(name) is None:
        raise ValidationFailed.of(field, "file_kind", name=name[:80], kinds=" ".join(KINDS))
    digest, size = hashlib.sha256(), 0
    with written_beside(settings.files_folder()) as copy:
        while chunk := given.stream.read(CHUNK):
            size += len(chunk)
            if size > MOST_BYTES:
                raise ValidationFailed.of(field, "file_too_large", name=name[:80], max=MOST_BYTES // 1024 // 1024)
            digest.update(chunk)
            copy.write(chunk)
        if not size:
            raise ValidationFailed.of(field, "file_empty", name=name[:80])
    place = _place(digest.hexdigest())
    place.parent.mkdir(exist_ok=True, mode=0o700)
    os.replace(copy.name, place)
    return UploadedFile(digest.hexdigest(), size, datetime.now(UTC), name).address


def path_of(sha256: str) -> Path | None:
    """Where a file's content lies; None where it is not here."""
    place = _place(sha256)
    return place if place.is_file() else None


def _place(sha256: str) -> Path:
    return settings.files_folder() / sha256[:2] / sha256


def sent(record: Any, sha256: str) -> Response | None:
    """The content of a file that a record names; None where it names none such, or it is not here."""
    named = next((one for one in named_in(record) if one.sha256 == sha256), None)
    path = path_of(sha256) if named else None
    if named is None or path is None:
        return None
    kind = media_type(named.name) or "application/octet-stream"
    inline = kind in SHOWN_INLINE
    answer = send_file(path, mimetype=kind, as_attachment=not inline, download_name=named.name, conditional=True)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def named_in(value: Any) -> Iterator[UploadedFile]:
    """Every uploaded file that a record's value names, however deep."""
    if isinstance(value, str):
        if (found := uploaded(value)) is not None:
            yield found
    elif isinstance(value, dict):
        for one in value.values():
            yield from named_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from named_in(one)


def size_text(size: int) -> str:
    """`640 B`, `12 KB`, `3.4 MB`."""
    if size < 1024:
        return f"{size} B"
    return f"{size // 1024} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MB"
