"""Does the answer hang on how one asks? Every wording of a question on every test set, and what they say together."""
