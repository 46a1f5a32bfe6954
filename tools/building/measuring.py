"""Stage 2: recordings become FLAC and measured attributes; what cannot be decoded becomes a reason."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from c2ser_lightning.data.atomic_file import atomic_file, write_atomically
from c2ser_lightning.data.audio import SAMPLE_RATE, AudioError, Waveform, encode_flac
from c2ser_lightning.data.ledger import Skip
from c2ser_lightning.data.record import Attributes
from tools.attributes.loudness import integrated_loudness
from tools.attributes.measure import speech_seconds, with_pitch
from tools.attributes.pitch import PitchSettings
from tools.building.engine import Engine
from tools.building.planning import Unit, digest
from tools.building.row_file import read_rows
from tools.building.work_folder import WorkFolder
from tools.corpora.base import ManifestRow
from tools.corpora.recording import Recording, load_recording

FORMAT = 1
"""Raised when the same recording would be measured or encoded otherwise than by an earlier version of this code."""

CLIPS_AT_ONCE = 16
"""Enough to fill batches of frames, few enough to be held decoded."""


@dataclass(frozen=True, slots=True)
class AnnotationSettings:
    """How utterances are measured and which are kept.

    Attributes:
        min_seconds: Shorter clips are left out.
        max_seconds: Longer clips are left out (paper IV-A: 20 s).
        pitch: Pitch tracker and its settings.
    """

    min_seconds: float = 0.2
    max_seconds: float = 20.0
    pitch: PitchSettings = field(default_factory=PitchSettings)

    @property
    def on_gpu(self) -> bool:
        """Whether pitch is measured by a GPU on this machine."""
        return self.pitch.torch_device.type != "cpu"

    def recipe(self) -> str:
        """Return the hash of all that what is measured depends on, besides the recording."""
        weights = Path(self.pitch.weights)
        content = hashlib.sha256(weights.read_bytes()).hexdigest() if self.pitch.weights else ""
        pitch = replace(self.pitch, weights=content, device=self.pitch.torch_device.type)
        return digest(str(FORMAT), json.dumps(asdict(replace(self, pitch=pitch)), sort_keys=True))


@dataclass(frozen=True, slots=True)
class Clip:
    """Where an utterance's FLAC lies in the sound file of its unit, in bytes, and its checksum."""

    offset: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Measured:
    """What the sound alone says of an utterance.

    Attributes:
        seconds: Length of the stored audio.
        speech_seconds: Length without silent ends.
        attributes: All but the speaking rate, which needs the transcript.
        clip: The stored audio.
    """

    seconds: float
    speech_seconds: float
    attributes: Attributes
    clip: Clip


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why a recording cannot be used: the ledger's category, and the sentence."""

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Decoded:
    """A recording of which everything but the pitch is known."""

    waveform: Waveform
    flac: bytes
    speech_seconds: float
    attributes: Attributes


def measure_units(
    units: Iterable[Unit], work: WorkFolder, settings: AnnotationSettings, engine: Engine
) -> Iterator[tuple[Unit, list[Skip]]]:
    """Measure units, and yield each with what of it cannot be used."""
    if not settings.on_gpu or not engine.local:
        yield from engine.map(partial(measure_unit, work=work, settings=settings), units, gpu=settings.on_gpu)
        return
    # A GPU belongs to one process: the others decode, and this one measures pitch.
    for unit, decoded in engine.map(partial(decode_unit, work=work, settings=settings), units):
        yield unit, _store(unit, work, settings, decoded)


def measure_unit(unit: Unit, work: WorkFolder, settings: AnnotationSettings) -> tuple[Unit, list[Skip]]:
    """Measure a unit; a clip's result does not depend on those beside it."""
    return unit, _store(unit, work, settings, _decoded(unit, work, settings))


def decode_unit(unit: Unit, work: WorkFolder, settings: AnnotationSettings) -> tuple[Unit, list[Decoded | Unusable]]:
    """Do the part that needs no network."""
    return unit, list(_decoded(unit, work, settings))


def _decoded(unit: Unit, work: WorkFolder, settings: AnnotationSettings) -> Iterator[Decoded | Unusable]:
    return (decode(row.audio, settings) for row in read_rows(work.rows(unit.number)))


def decode(recording: Recording, settings: AnnotationSettings) -> Decoded | Unusable:
    """Decode a recording and measure what needs no network, or say why it cannot be used."""
    try:
        waveform = load_recording(recording, min_seconds=settings.min_seconds, max_seconds=settings.max_seconds)
    except AudioError as error:
        return Unusable(error.reason, str(error))
    attributes = Attributes(loudness_lufs=integrated_loudness(waveform))
    return Decoded(waveform, encode_flac(waveform), speech_seconds(waveform), attributes)


def with_pitches(decoded: Sequence[Decoded | Unusable], settings: PitchSettings) -> list[Decoded | Unusable]:
    """Add the pitch of all that could be decoded."""
    usable = [one for one in decoded if isinstance(one, Decoded)]
    attributes = iter(with_pitch([one.attributes for one in usable], [one.waveform for one in usable], settings))
    return [one if isinstance(one, Unusable) else replace(one, attributes=next(attributes)) for one in decoded]


def _store(
    unit: Unit, work: WorkFolder, settings: AnnotationSettings, decoded: Iterable[Decoded | Unusable]
) -> list[Skip]:
    """Measure pitch and write a unit's two files; the second says that the first is whole."""
    outcomes: list[Measured | Unusable] = []
    stream = iter(decoded)
    with atomic_file(work.sound(unit.key)) as sound:
        while part := list(islice(stream, CLIPS_AT_ONCE)):
            for one in with_pitches(part, settings.pitch):
                outcomes.append(one if isinstance(one, Unusable) else _written(one, sound.tell()))
                sound.write(b"" if isinstance(one, Unusable) else one.flac)
    write_atomically(work.measured(unit.key), "".join(json.dumps(asdict(one)) + "\n" for one in outcomes))
    rows = read_rows(work.rows(unit.number))
    return [skip_of(row, one) for row, one in zip(rows, outcomes, strict=True) if isinstance(one, Unusable)]


def _written(one: Decoded, offset: int) -> Measured:
    clip = Clip(offset, len(one.flac), hashlib.sha256(one.flac).hexdigest())
    return Measured(round(len(one.waveform) / SAMPLE_RATE, 4), one.speech_seconds, one.attributes, clip)


def skip_of(row: ManifestRow, outcome: Unusable) -> Skip:
    """Return the ledger's line of a row whose recording cannot be used."""
    return Skip(row.key, outcome.reason, outcome.detail, row.source)


def read_measured(path: Path) -> list[Measured | Unusable]:
    """Read what was measured of a unit's rows, in their order."""
    with path.open(encoding="utf-8") as file:
        return [_outcome(json.loads(line)) for line in file]


def _outcome(content: dict[str, Any]) -> Measured | Unusable:
    if "reason" in content:
        return Unusable(**content)
    parts = {"attributes": Attributes(**content["attributes"]), "clip": Clip(**content["clip"])}
    return Measured(**content | parts)
