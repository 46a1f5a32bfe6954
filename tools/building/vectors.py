"""Stage 4, if asked for: what a frozen Emotion2Vec-S says of each utterance, kept beside its sound."""

import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from c2ser_lightning.data.atomic_file import atomic_file
from c2ser_lightning.data.audio import decode_audio
from c2ser_lightning.models.emotion2vec.encoder import Emotion2Vec
from c2ser_lightning.models.emotion2vec.load import Emotion2VecSource, load_emotion2vec
from c2ser_lightning.models.emotion2vec.pooling import pool
from tools.building.describing import usable_entries
from tools.building.engine import Engine
from tools.building.planning import digest
from tools.building.work_folder import BuildError, UnitFiles, WorkFolder

FORMAT = 1
"""Raised when the same sound would get other vectors than from an earlier version of this code."""

Vectors = NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Encoder:
    """A frozen Emotion2Vec-S by its checkpoint.

    Attributes:
        checkpoint: A ``.ckpt`` of an Emotion2VecS run or a released ``.pt``.
        sha256: Its checksum.
        device: Where it runs.
    """

    checkpoint: str
    sha256: str
    device: str

    @classmethod
    def of(cls, checkpoint: Path, device: torch.device) -> "Encoder":
        """Describe a checkpoint.

        Raises:
            BackboneError: It is missing or damaged.
        """
        load_emotion2vec(Emotion2VecSource(str(checkpoint)))
        with checkpoint.open("rb") as file:
            return cls(str(checkpoint), hashlib.file_digest(file, "sha256").hexdigest(), str(device))

    def info(self) -> dict[str, object]:
        """Return what ``info.json`` says."""
        config = _model(self).config
        return {
            "checkpoint": Path(self.checkpoint).name,
            "sha256": self.sha256,
            "shape": [config.extra_tokens, config.embed_dim],
            "dtype": "float16",
        }

    def key(self, unit: str) -> str:
        """Return the name of a unit's file of vectors; a unit's sound and its key go together."""
        return digest(str(FORMAT), unit, self.sha256, torch.device(self.device).type)


@lru_cache(maxsize=1)
def _model(encoder: Encoder) -> Emotion2Vec:
    return load_emotion2vec(Emotion2VecSource(encoder.checkpoint)).to(encoder.device)


def encode_units(units: Iterable[UnitFiles], work: WorkFolder, encoder: Encoder, engine: Engine) -> Iterator[int]:
    """Encode units, and yield the rows of each; on a GPU of this machine, all of them in this process."""
    on_gpu = torch.device(encoder.device).type != "cpu"
    return engine.map(partial(encode_unit, work=work, encoder=encoder), units, gpu=on_gpu)


def encode_unit(files: UnitFiles, work: WorkFolder, encoder: Encoder) -> int:
    """Write ``[U, E, D]`` of a unit's U usable utterances.

    One at a time: a batch of another size may differ in the last bit.
    """
    made = []
    with work.sound(files.sound).open("rb") as sound:
        for entry in usable_entries(work.records(files.records)):
            sound.seek(entry.clip.offset)
            made.append(encode(sound.read(entry.clip.size), encoder))
    with atomic_file(work.vectors(encoder.key(files.sound))) as file:
        np.save(file, np.stack(made) if made else np.empty((0, 0, 0), np.float16))
    return files.rows


@torch.inference_mode()
def encode(flac: bytes, encoder: Encoder) -> Vectors:
    """Return the utterance tokens ``[E, D]`` of one utterance (paper III-A: the global emotion), in half precision."""
    model = _model(encoder)
    waveform = torch.from_numpy(decode_audio(flac, min_seconds=0))[None].to(encoder.device)
    if waveform.shape[1] < model.config.receptive_field:
        raise BuildError(f"a clip of {waveform.shape[1]} samples is too short for vectors; raise --min-seconds")
    vectors, _ = pool(model.extract_features(waveform), "tokens")
    return vectors[0].to(torch.float16).cpu().numpy()


def member(file: Path, place: int) -> bytes:
    """Return one utterance's vectors as a file in numpy's format."""
    buffer = io.BytesIO()
    np.save(buffer, np.load(file, mmap_mode="r")[place])
    return buffer.getvalue()
