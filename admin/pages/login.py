"""Coming in, going out, and what a person sets for themselves: language, theme, password."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import abort, flash, g, redirect, request, session, url_for
from flask_appbuilder.baseviews import expose
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from admin import accounts, kept
from admin.actors import signed_in
from admin.models import db
from admin.page import Page, page
from admin.texts import t
from services.contracts.glossary import LANGUAGES

THEMES = ("auto", "light", "dark")


def safe_next(target: str | None) -> str:
    """Where to go after the login: a path of this console and nothing else."""
    if not target or len(target) > 2000 or not target.startswith("/") or target.startswith(("//", "/\\")):
        return url_for("IndexView.index")
    if any(ord(letter) < 32 for letter in target) or urlsplit(target).netloc:
        return url_for("IndexView.index")
    return target


class LoginView(Page):
    """The door. Every change is a POST with a token; a GET changes nothing."""

    default_view = "login"

    @expose("/login/", methods=("GET", "POST"))
    def login(self) -> Response | str | tuple[str, int]:
        """Ask for name and password. What is wrong is not told apart: neither by words nor by time."""
        if current_user.is_authenticated:
            return redirect(safe_next(request.args.get("next")))
        if request.method == "GET":
            return page("login.html", username="")
        username = request.form.get("username", "")[:200]
        person = self.appbuilder.sm.auth_user_db(username, request.form.get("password", ""))
        if person is None and g.get("login_limited"):
            abort(429)
        if person is None:
            flash(t("login.refused"), "error")
            return page("login.html", username=username), 401
        language = session.get("language")
        session.clear()
        session.renew()  # type: ignore[attr-defined]
        login_user(person)
        kept.sweep()
        if language and not person.language:
            session["language"] = language
        return redirect(safe_next(request.args.get("next")))

    @expose("/logout/", methods=("POST",))
    def logout(self) -> Response:
        """End this session on the server: its cookie is worth nothing from now on."""
        logout_user()
        session.clear()
        session.renew()  # type: ignore[attr-defined]
        flash(t("login.goodbye"), "done")
        return redirect(url_for("LoginView.login"))

    @expose("/language/", methods=("POST",))
    def language(self) -> Response:
        """Choose the language."""
        chosen = request.form.get("language", "")
        if chosen in LANGUAGES:
            session["language"] = chosen
            if current_user.is_authenticated:
                current_user.language = chosen
                db.session.commit()
        return redirect(safe_next(request.form.get("back")))

    @expose("/theme/", methods=("POST",))
    def theme(self) -> Response:
        """Choose light, dark, or as the operating system."""
        chosen = request.form.get("theme", "")
        if chosen in THEMES:
            session["theme"] = chosen
            if current_user.is_authenticated:
                current_user.theme = chosen
                db.session.commit()
        return redirect(safe_next(request.form.get("back")))

    @expose("/password/", methods=("GET", "POST"))
    @signed_in()
    def password(self) -> Response | str | tuple[str, int]:
        """Choose another password; every other session of this person ends."""
        errors: dict[str, str] = {}
        if request.method == "POST":
            old, new = request.form.get("old", ""), request.form.get("new", "")
            if self.appbuilder.sm.auth_user_db(current_user.username, old) is None:
                errors["old"] = t("password.old_wrong")
            elif new != request.form.get("again", ""):
                errors["again"] = t("password.not_same")
            elif new == old:
                errors["new"] = t("password.same_as_old")
            else:
                try:
                    accounts.change_password(current_user, new, keep_session=session.token)  # type: ignore[attr-defined]
                except accounts.AccountInvalid as wrong:
                    errors["new"] = t(wrong.key)
            if not errors:
                flash(t("password.changed"), "done")
                return redirect(url_for("IndexView.index"))
        content = page("password.html", errors=errors, forced=current_user.must_change_password)
        return (content, 422) if errors else content
