"""``./anju admit``: the first account of an installation, from which all others are made in the console."""

from __future__ import annotations

from rich.console import Console

from services.chassis import settings
from services.contracts import glossary


def admit(out: Console, username: str, name: str, role: str) -> None:
    """Create the account with this role in the whole group, and print its first password, once."""
    import sqlalchemy as sa

    from admin import accounts, passwords
    from admin.app import create_app
    from admin.models import Person, db

    password = passwords.random_password()
    # No service is asked anything, so none has to be up.
    with create_app({"ANJU_SERVICES": object()}).app_context():
        if db.session.scalar(sa.select(Person.id).where(Person.username == username)):
            raise settings.SettingInvalid(
                "user", "has an account already; administrators reset passwords in the console"
            )
        try:
            accounts.create_account(username, name or username, password, {role: ["group"]}, must_change_password=True)
        except accounts.AccountInvalid as wrong:
            rule = glossary.term("console", *wrong.key.split("."), language="en")
            raise settings.SettingInvalid(wrong.field, str(rule)) from wrong
    out.print(f"{username} may sign in as {role}. First password, shown only here; it must be changed at once:")
    out.print(password, markup=False)
