"""Whose customer somebody is, and whose performance a deal is (L-40 to L-50)."""
