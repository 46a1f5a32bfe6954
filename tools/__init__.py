"""Command-line tools, one file a verb: ``python -m tools.<verb>``."""

# Makes torchaudio importable before a tool imports transformers or penn, which pull it in.
import c2ser_lightning  # noqa: F401
