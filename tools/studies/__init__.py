"""Studies: variants of one training under several seeds, compared on one test set."""
