"""One way to name an Emotion2Vec encoder in a config: our checkpoint, a released file, or random weights."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from c2ser_lightning.models.backbone import BackboneError
from c2ser_lightning.models.emotion2vec.checkpoint import build_from_content, read_checkpoint
from c2ser_lightning.models.emotion2vec.config import Emotion2VecConfig
from c2ser_lightning.models.emotion2vec.encoder import Emotion2Vec

CONFIG_KEY = "emotion2vec_config"
STUDENT_PREFIX = "student."


@dataclass
class Emotion2VecSource:
    """Where an encoder comes from.

    Attributes:
        checkpoint: A ``.ckpt`` of an Emotion2VecS run or a released ``.pt``; ``None`` for random weights.
        random_config: Sizes of a random encoder; emotion2vec_base by default.
        seed: Seed of random weights.
        exact_padding: Whether an utterance gets the same features alone and in any batch, however the encoder was
            pretrained. Alone both ways agree, so nothing speaks against it but wanting to reproduce released batches.
        normalize: Whether each waveform is normalised first; as the encoder was pretrained by default. The released
            C2SER weights were trained on features of waveforms that were not.
    """

    checkpoint: str | None = None
    random_config: Emotion2VecConfig | None = None
    seed: int = 0
    exact_padding: bool = True
    normalize: bool | None = None

    def check_cache(self, megabytes: int) -> None:
        """Refuse to keep features that depend on the batch they were computed in.

        Raises:
            ValueError: A cache is asked for and padding is not exact.
        """
        if megabytes and not self.exact_padding:
            raise ValueError(
                "cache_megabytes keeps an utterance's features for all later batches, but without exact_padding they "
                "depend on the batch; set the encoder's exact_padding: true or cache_megabytes: 0"
            )


def load_emotion2vec(source: Emotion2VecSource) -> Emotion2Vec:
    """Load an encoder, without its pretraining decoder, in eval mode.

    Raises:
        BackboneError: The checkpoint is missing or damaged, or holds no such encoder.
    """
    model = _random(source) if source.checkpoint is None else _read(Path(source.checkpoint))
    model.decoder = None
    if source.normalize is not None:
        model.config = replace(model.config, normalize=source.normalize)
    model.set_exact_padding(source.exact_padding)
    return model.eval()


def _random(source: Emotion2VecSource) -> Emotion2Vec:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(source.seed)
        return Emotion2Vec(source.random_config or Emotion2VecConfig())


def _read(path: Path) -> Emotion2Vec:
    if not path.is_file():
        raise BackboneError(f"no Emotion2Vec-S checkpoint {path}; train one with configs/emotion2vec_s.yaml")
    content = read_checkpoint(path)
    return _own(content, path) if CONFIG_KEY in content else build_from_content(content, path)[0]


def config_to_dict(config: Emotion2VecConfig) -> dict[str, object]:
    """Turn a config into plain values, so that a checkpoint that holds it loads with ``weights_only=True``."""
    return asdict(config)


def _own(content: Mapping[str, Any], path: Path) -> Emotion2Vec:
    """Build the student of a checkpoint that an Emotion2VecS run wrote."""
    model = Emotion2Vec(Emotion2VecConfig(**content[CONFIG_KEY]))
    weights = {
        name.removeprefix(STUDENT_PREFIX): value
        for name, value in content["state_dict"].items()
        if name.startswith(STUDENT_PREFIX) and not name.startswith(f"{STUDENT_PREFIX}decoder.")
    }
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise BackboneError(f"{path} does not hold the encoder that its own config describes: {error}") from error
    return model
