"""Portraits: what is known of a customer as tags, how good the record is, and what follows from it (L-05 to L-18)."""
