"""Emotion2Vec-S vectors that lie in the shards may stand for the encoder only if that very encoder made them."""

from collections.abc import Mapping
from pathlib import Path

from c2ser_lightning.models.backbone import BackboneError, identity
from c2ser_lightning.models.c2ser import AcousticSettings


def check_stored_vectors(made_by: Mapping[Path, str | None], acoustic: AcousticSettings | None) -> None:
    """See that the vectors of shard folders are what a model's own encoder would say.

    Args:
        made_by: For each shard folder the checksum of the checkpoint behind its vectors, ``None`` without vectors.
        acoustic: The model's settings.

    Raises:
        BackboneError: They are not; the message names folder and setting.
    """
    if acoustic is None or acoustic.encoder.checkpoint is None:
        raise BackboneError("data.vectors is for a model with an acoustic.encoder.checkpoint; set data.vectors: false")
    if acoustic.pooling != "tokens" or acoustic.encoder.normalize is not None:
        raise BackboneError(
            "stored vectors are utterance tokens of waveforms normalised as the encoder was pretrained: set "
            "data.vectors: false, or acoustic.pooling: tokens and acoustic.encoder.normalize: null"
        )
    wanted = identity(acoustic.encoder.checkpoint).rpartition("@")[2]
    for folder, checksum in made_by.items():
        if checksum is None:
            raise BackboneError(
                f"{folder} holds no vectors: build it with tools.make_shards --vectors {acoustic.encoder.checkpoint}, "
                "or set data.vectors: false"
            )
        if not checksum.startswith(wanted):
            raise BackboneError(
                f"the vectors of {folder} are of another checkpoint than {acoustic.encoder.checkpoint}: build them "
                "anew with tools.make_shards --vectors, or set data.vectors: false"
            )
