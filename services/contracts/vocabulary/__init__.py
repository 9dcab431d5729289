"""The field's own words as types, one module per topic."""
