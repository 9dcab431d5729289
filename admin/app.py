"""The application factory: what is put together, in which order, and nothing else."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_appbuilder import AppBuilder
from flask_wtf.csrf import CSRFProtect

from admin import logs, settings
from admin.api import register as register_api
from admin.catalogues import Catalogues
from admin.database import prepare
from admin.hardening import allow_uploads, harden
from admin.health import blueprint as health
from admin.models import db
from admin.pages import CONSOLE_PAGES
from admin.pages.work import IndexView
from admin.problems import register_problem_pages
from admin.security import ConsoleSecurity
from admin.sessions import SessionStore
from admin.shell import register_shell


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """The console as a WSGI application; `config` overrides what the environment decides.

    `ANJU_SERVICES` (an object with the methods of `admin.rpc.Services`) and `ANJU_CATALOGUES` (`{service: catalogue}`)
    let tests run it without a broker.
    """
    logs.configure(settings.log_level(), service="console")
    app = Flask("admin", root_path=str(pathlib.Path(__file__).parent))
    app.config.update(settings.defaults())
    app.config.update(config or {})
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    db.init_app(app)
    app.session_interface = SessionStore()
    # Before the token of a form is looked for, which reads the form.
    app.before_request(allow_uploads)
    # Before Flask-AppBuilder: its API views look for the extension to exempt themselves (they want a token instead).
    CSRFProtect(app)
    given = app.config["ANJU_CATALOGUES"]
    app.extensions["anju_catalogues"] = Catalogues(given) if given is not None else Catalogues.load()
    app.extensions["anju_services"] = app.config["ANJU_SERVICES"] or _services()
    with app.app_context():
        prepare(db.engine)
        appbuilder = AppBuilder(
            app,
            db.session,
            indexview=IndexView,
            base_template="anju/base.html",
            security_manager_class=ConsoleSecurity,
        )
        appbuilder.bm.babel = None
        for page in CONSOLE_PAGES:
            appbuilder.add_view_no_menu(page)
        register_api(appbuilder, app)
    app.register_blueprint(health)
    register_shell(app)
    register_problem_pages(app)
    harden(app)
    return app


def _services() -> Any:
    from admin.rpc import Services

    return Services(settings.amqp_uri())
