"""``./anju bench``: how fast Anju is beside what people would otherwise use, measured side by side in one run."""
