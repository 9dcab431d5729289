"""The rotation of the sales site: whose turn it is, who receives, and what an agent needs before (L-25 to L-39)."""
