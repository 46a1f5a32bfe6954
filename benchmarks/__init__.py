"""What ``make bench`` runs."""

import c2ser_lightning  # noqa: F401 - its torchaudio guard must stand before transformers is first imported
