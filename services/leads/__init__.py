"""Projects, homes, customers and contracts, up to the handover and the title deed."""
