"""All test sets of the paper in one go: which are there, what came out, and what the paper reports."""
