"""Train, evaluate and use C2SER, the audio language model that recognises emotion in speech."""

from c2ser_lightning._torchaudio_guard import import_torchaudio
from c2ser_lightning.version import __version__

# Must run before the first import of transformers or penn: both import torchaudio whenever it is installed.
import_torchaudio()

__all__ = ["__version__"]
