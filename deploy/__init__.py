"""The launcher behind ``./anju`` and what production needs."""
