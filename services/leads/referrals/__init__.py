"""Those whom an owner or member recommended: who they are, and whose customers they become (B-52, L-47)."""
