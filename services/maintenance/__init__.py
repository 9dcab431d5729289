"""Maintenance: property companies, repairs and warranty."""
