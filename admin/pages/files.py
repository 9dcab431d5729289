"""Files that records name: read by whoever may read the record (C-11)."""

from __future__ import annotations

from typing import Any

from flask import abort, send_file
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
        named = next((one for one in files.named_in(fetched["result"]) if one.sha256 == sha256), None)
        path = files.path_of(sha256) if named else None
        if named is None or path is None:
            abort(404)
        kind = files.media_type(named.name) or "application/octet-stream"
        inline = kind in files.SHOWN_INLINE
        answer = send_file(path, mimetype=kind, as_attachment=not inline, download_name=named.name, conditional=True)
        answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return answer
