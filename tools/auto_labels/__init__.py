"""Labels without annotators: what the sound says and what the words say, kept where both say the same (paper IV-A)."""
