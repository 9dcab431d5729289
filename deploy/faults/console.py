"""The console's fault point: a command is done, and the process dies before its answer leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from services.chassis import faultpoints

Application = Callable[..., Iterable[bytes]]


def fragile(application: Application) -> Application:
    """The same WSGI application with the point `console_after_commit` behind every command that was done."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        statuses: list[str] = []

        def note(status: str, *rest: Any, **more: Any) -> Any:
            statuses.append(status)
            return start_response(status, *rest, **more)

        body = application(environ, note)
        path = str(environ.get("PATH_INFO", ""))
        is_command = environ.get("REQUEST_METHOD") == "POST" and path.startswith("/api/v1/")
        if is_command and not path.startswith("/api/v1/security/") and statuses[-1:] == ["200 OK"]:
            faultpoints.reached("console_after_commit")
        return body

    return answer
