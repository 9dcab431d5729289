"""The search of the header: numbers, names and phones in the registers that matter, all services at once."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder.baseviews import expose

from admin import query, related
from admin.actors import roles, signed_in
from admin.catalogues import catalogues
from admin.page import Page, ask_each, page
from admin.query import ListQuery
from admin.related import Wanted
from admin.screens import REGISTERS


class SearchView(Page):
    """Find a record by what somebody says on the telephone."""

    default_view = "results"

    @expose("/search", methods=("POST",))
    @signed_in()
    def ask(self) -> Any:
        """What was typed stays on the server; the address of the results has a random name for it."""
        return redirect(url_for("SearchView.results", s=query.remember_words(request.form.get("q", ""))))

    @expose("/search", methods=("GET",))
    @signed_in()
    def results(self) -> str:
        """What was found, per register."""
        token = request.args.get("s", "")
        q = query.remembered_words(token)
        panels = []
        if q:
            wanted = [
                Wanted(found, ListQuery(q=q, size=related.SHOWN, token=token))
                for screen in REGISTERS
                if screen.searched and (found := catalogues().at(screen.resource)) and found.readable_by(roles())
            ]
            panels = related.filled(wanted, ask_each(*(one.call for one in wanted)))
        return page("search.html", q=q, panels=[one for one in panels if one.problem or one.count])
