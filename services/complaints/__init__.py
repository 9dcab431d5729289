"""Complaints: cases of complaint and dispute, from the first word to the removed cause."""
