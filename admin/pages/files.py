"""Files that records name: read by whoever may read the record (C-11)."""

from __future__ import annotations

from typing import Any

from flask import abort
from flask_appbuilder.baseviews import expose

from admin import files
from admin.actors import actor, signed_in
from admin.page import Page, ask
from services.contracts import SERVICES

AT = f"/files/<any({','.join(SERVICES)}):service>/<resource>/<id>/<sha256>"


class FileView(Page):
    """The services say who may see a record; a file that it does not name is not there."""

    default_view = "file"

    @expose(AT)
    @signed_in()
    def file(self, service: str, resource: str, id: str, sha256: str) -> Any:
        """The content of one file; pictures are shown, everything else is downloaded."""
        (fetched,) = ask(("fetch", service, resource, id, actor()))
        return files.sent(fetched["result"], sha256) or abort(404)
