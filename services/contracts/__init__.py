"""The published language of Anju: field kinds, vocabulary, roles, events, errors, names and catalogues. No behaviour."""

SERVICES = ("leads", "complaints", "maintenance", "membership")
