"""Addresses of files: what a `files` field holds.

A property company gives an address of its own, as it likes. A file that was uploaded here is named by its content, so
that nobody can replace it unseen (C-11):

    file:<sha256>/<size in bytes>/<UTC time>/<name>
    file:9f86d0…0a08/51200/20261121T100000Z/IMG_0001.jpg
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

LONGEST = 300  # characters of an address
TIME = "%Y%m%dT%H%M%SZ"
FORM = re.compile(r"file:(?P<sha256>[0-9a-f]{64})/(?P<size>\d{1,12})/(?P<at>\d{8}T\d{6}Z)/(?P<name>.+)", re.DOTALL)


@dataclass(frozen=True)
class UploadedFile:
    """A file that was uploaded: the hash of its content, its size in bytes, when, and what it was called."""

    sha256: str
    size: int
    at: datetime
    name: str

    @property
    def address(self) -> str:
        """What a `files` field holds; a name that is too long loses its middle, never its ending."""
        head = f"file:{self.sha256}/{self.size}/{self.at.astimezone(UTC):{TIME}}/"
        name = "".join(letter if letter.isprintable() else "_" for letter in self.name).replace("/", "_") or "_"
        if len(head) + len(name) > LONGEST:
            name = f"{name[: LONGEST - len(head) - 13]}…{name[-12:]}"
        return head + name


def uploaded(address: str) -> UploadedFile | None:
    """The file behind an address, or None where it is not one of ours."""
    found = FORM.fullmatch(address)
    if found is None:
        return None
    try:
        at = datetime.strptime(found["at"], TIME).replace(tzinfo=UTC)
    except ValueError:
        return None
    return UploadedFile(found["sha256"], int(found["size"]), at, found["name"])
