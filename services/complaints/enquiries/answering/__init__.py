"""What answers enquiries: the port (C-116), the words, the rule-based default and the choice of another engine."""
