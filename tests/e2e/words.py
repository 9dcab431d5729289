"""The words that people read, from the published glossary: a page is right when it says these."""

from __future__ import annotations

from typing import Any

from services.contracts.glossary import terms as book

LANGUAGES = ("zh", "en")


class Words:
    """The glossary in one language."""

    def __init__(self, language: str) -> None:
        self.language, self._at = language, LANGUAGES.index(language)

    def __call__(self, name: str, /, *path: str, **params: Any) -> str:
        """A term of a book, or of the common one: `words("complaints", "commands", "respond_case")`."""
        for source in (name, "common"):
            found: Any = book(source)
            for step in path:
                found = found.get(step, {}) if isinstance(found, dict) else {}
            found = found.get("_") if isinstance(found, dict) else found
            if found:
                return str(found[self._at]).format(**params) if params else str(found[self._at])
        raise KeyError(f"{name}: {'.'.join(path)}")

    def command(self, service: str, command: str) -> str:
        return self(service, "commands", command)

    def field(self, service: str, resource: str, field: str) -> str:
        """The label of a field: the register's own word, else that of all."""
        try:
            return self(service, resource, field)
        except KeyError:
            return self(service, "fields", field)

    def state(self, service: str, resource: str, state: str) -> str:
        return self(service, resource, "states", state)

    def console(self, key: str, **params: Any) -> str:
        return self("console", *key.split("."), **params)
