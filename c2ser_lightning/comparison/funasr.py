"""FunASR's models (extra 'funasr'): built from official folders, with every weight in its place."""

import contextlib
import io
import logging
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import torch

from c2ser_lightning.comparison.pretrained import ComparisonError, PretrainedRecognizer
from c2ser_lightning.data.batch import Batch

Hub = Literal["ms", "hf"]

_SOURCE_KEY = "model.init_args.source"
_MISSING = re.compile(r"miss key in ckpt: (\S+),")


class FunASRRecognizer(PretrainedRecognizer):
    """A model that FunASR builds; its module is this module's, so that Lightning moves it."""

    model_class: str
    """Name under which FunASR knows the model."""

    def __init__(self, source: str, hub: Hub) -> None:
        """Keep the settings; weights are loaded in :meth:`configure_model`."""
        super().__init__()
        self.source, self.hub = source, hub
        self.model: Any = None
        self._settings: dict[str, Any] = {}

    def configure_model(self) -> None:
        """Load the model. Repeated calls do nothing."""
        if self.model is not None:
            return
        model, self._settings = build(self.source, self.hub)
        if type(model).__name__ != self.model_class:
            raise ComparisonError(
                f"{_SOURCE_KEY}: {self.source} holds a {type(model).__name__}, not a {self.model_class}"
            )
        self.model = model.eval().requires_grad_(False)

    @property
    def tokenizer(self) -> Any:
        """FunASR's tokenizer of the model."""
        return self._settings["tokenizer"]

    @property
    def frontend(self) -> Any:
        """FunASR's feature extractor of the model."""
        return self._settings["frontend"]

    @torch.no_grad()
    def infer(self, batch: Batch, **options: Any) -> list[dict[str, Any]]:
        """Return FunASR's result for each utterance."""
        clips = [torch.from_numpy(waveform) for waveform in self.waveforms(batch)]
        settings = {**self._settings, "device": str(self.device), **options}
        with contextlib.redirect_stdout(io.StringIO()):
            results, _ = self.model.inference(clips, key=batch.keys, **settings)
        return list(results)


def build(source: str, hub: Hub) -> tuple[Any, dict[str, Any]]:
    """Build a model of FunASR on the CPU.

    FunASR goes on with random weights, and says so in a line on stdout at most, when a folder lacks the file of weights
    or some of them. That is an error here, but for the decoder of emotion2vec's pretraining, which the official
    checkpoints of emotion2vec+ leave out and nothing uses.

    Args:
        source: Folder, or name on the hub.
        hub: ``ms`` for ModelScope, ``hf`` for Hugging Face.

    Raises:
        ComparisonError: FunASR is not installed, or the model cannot be built completely.
    """
    automodel = _import_automodel()
    if source.startswith((".", "/", "~")) and not Path(source).expanduser().is_dir():
        raise ComparisonError(f"{_SOURCE_KEY}: no such folder: {source}; give a folder of FunASR or a hub name")
    local = Path(source).expanduser()
    said = io.StringIO()
    try:
        with _quiet(said), torch.random.fork_rng(devices=[]):
            model, settings = automodel.build_model(
                model=str(local) if local.is_dir() else source,
                hub=hub,
                device="cpu",
                ncpu=torch.get_num_threads(),
                ignore_init_mismatch=False,
                trust_remote_code=False,
            )
    except Exception as error:
        downloads = [line for line in said.getvalue().splitlines() if line.startswith("Download:")]
        detail = " ".join([*downloads, f"{type(error).__name__}: {error}"]).replace("\n", " ")[:400]
        raise ComparisonError(
            f"{_SOURCE_KEY}: FunASR cannot build {source!r}, neither as a folder nor from the hub {hub!r} ({detail})"
        ) from error
    _check_weights(source, settings, said.getvalue())
    return model, settings


@contextlib.contextmanager
def _quiet(said: io.StringIO) -> Iterator[None]:
    """Catch what FunASR prints, and leave the logging of the process as it was: its import configures the root."""
    root = logging.getLogger()
    level, handlers, disabled = root.level, list(root.handlers), root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with contextlib.redirect_stdout(said):
            yield
    finally:
        logging.disable(disabled)
        root.setLevel(level)
        root.handlers[:] = handlers


def _check_weights(source: str, settings: dict[str, Any], said: str) -> None:
    weights = settings.get("init_param")
    if weights is None or not Path(weights).is_file():
        raise ComparisonError(f"{_SOURCE_KEY}: {source} lacks its weights ({weights or 'model.pt'})")
    missing = [name for name in _MISSING.findall(said) if ".decoder." not in name]
    if missing:
        raise ComparisonError(
            f"{_SOURCE_KEY}: {weights} lacks {len(missing)} weights of the model, such as {missing[0]}; they would be "
            "random"
        )


def _import_automodel() -> Any:
    try:
        with _quiet(io.StringIO()):
            from funasr import AutoModel
    except ImportError as error:
        raise ComparisonError(
            f"{error}; SenseVoice and emotion2vec+ run through FunASR: pip install 'c2ser_lightning[funasr]'"
        ) from error
    return AutoModel


def labels_of(tokens: Sequence[str]) -> list[str]:
    """Return the English part of FunASR's labels, some of which are bilingual: ``生气/angry``."""
    return [token.rpartition("/")[2].strip().lower() for token in tokens]
