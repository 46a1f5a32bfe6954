"""One way to name an Emotion2Vec encoder in a config: our checkpoint, a released file, or random weights."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
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
    """

    checkpoint: str | None = None
    random_config: Emotion2VecConfig | None = None
    seed: int = 0


def load_emotion2vec(source: Emotion2VecSource) -> Emotion2Vec:
    """Load an encoder, without its pretraining decoder, in eval mode.

    Raises:
        BackboneError: The checkpoint is missing or damaged, or holds no such encoder.
    """
    if source.checkpoint is None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(source.seed)
            return Emotion2Vec(source.random_config or Emotion2VecConfig()).eval()
    path = Path(source.checkpoint)
    if not path.is_file():
        raise BackboneError(f"no Emotion2Vec-S checkpoint {path}; train one with configs/emotion2vec_s.yaml")
    content = read_checkpoint(path)
    model = _own(content, path) if CONFIG_KEY in content else build_from_content(content, path)[0]
    model.decoder = None
    return model.eval()


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
