"""The published language of Anju: field kinds, vocabulary, roles, events, errors, names, catalogues. No behaviour."""

SERVICES = ("leads", "complaints", "maintenance", "membership")
