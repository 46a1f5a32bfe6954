"""Command-line tools, one file a verb: ``python -m tools.<verb>``."""
