"""The owners' club, customer managers, care and follow-up."""
