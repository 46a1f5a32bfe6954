"""The one pass over a shard folder in which everything is looked at."""

import hashlib
from pathlib import Path

from tqdm import tqdm

from c2ser_lightning.data.record import RecordError, UtteranceRecord
from c2ser_lightning.data.shard_index import AUDIO_SUFFIX, RECORD_SUFFIX, VECTORS_SUFFIX, Entry
from tools.inspection.examples import UNLABELLED, Examples
from tools.inspection.findings import Findings
from tools.inspection.folder_warnings import check_ledger, warn_of_skew, warn_of_speakers, warn_of_teacher
from tools.inspection.histogram import Histograms
from tools.inspection.index_check import check_index
from tools.inspection.info_check import StoredInfo, compare_counts, compare_files, read_info
from tools.inspection.pace_check import too_fast
from tools.inspection.record_check import LONGEST_DRIFT, missing_attributes, missing_levels, objections
from tools.inspection.repeats import Repeats
from tools.inspection.sound_check import Sound, SoundError, clipping, decode, silence
from tools.inspection.tally import Tally
from tools.inspection.tar_stream import RawUtterance, TarStream, read_member

NAMED_OF_GROUP = 4
"""Utterances named of those that share a sound."""


class InspectionError(RuntimeError):
    """There is nothing to inspect; the message says what to do."""


class Inspection:
    """All that was found in a shard folder.

    Attributes:
        folder: The folder.
        stored: What its ``info.json`` says.
        findings: Errors and warnings.
        tally: Counts of utterances.
        histograms: Histograms of attributes.
        examples: Utterances to listen to.
        tars: The shards, in order.
    """

    def __init__(self, folder: Path, examples: int = 10) -> None:
        """Look at everything, with a progress bar; memory does not grow with the sound, and by 32 bytes an utterance.

        Raises:
            InspectionError: The folder does not exist or holds no shards.
        """
        self.folder = folder
        self.tars = sorted(folder.glob("*-*.tar"))
        if not self.tars:
            there = "holds no shards (<split>-<number>.tar)" if folder.is_dir() else "does not exist"
            raise InspectionError(f"{folder} {there}; build it with: make shards CORPUS=<name> DATA=<folder>")
        self.findings = Findings()
        self.stored: StoredInfo = read_info(folder, self.findings)
        self.tally = Tally()
        self.histograms = Histograms()
        self.examples = Examples(examples)
        self._sounds = Repeats()
        self._keys = Repeats()
        self._read_all()
        self._look_at_the_whole()

    def _read_all(self) -> None:
        size = sum(tar.stat().st_size for tar in self.tars)
        with tqdm(total=size, desc=f"inspecting {self.folder.name}", unit="B", unit_scale=True) as bar:
            for number, tar in enumerate(self.tars):
                self._read_tar(number, TarStream(tar, bar.update))
                bar.set_postfix(utterances=self.tally.total().utterances)

    def _look_at_the_whole(self) -> None:
        compare_files(self.folder, self.tars, self.stored, self.findings)
        compare_counts(self.stored, self.tally, self.findings)
        warn_of_speakers(self.tally, self.findings)
        warn_of_skew(self.tally, self.findings)
        check_ledger(self.folder, self.stored, self.findings)
        warn_of_teacher(self.stored, self.findings)
        self._name_repeats()

    def _read_tar(self, number: int, stream: TarStream) -> None:
        tar = stream.tar
        split = tar.name.rpartition("-")[0]
        entries = [entry for raw in stream if (entry := self._look_at(raw, number, split)) is not None]
        if stream.damage:
            self.findings.add("damaged_tar", f"{tar.name}: {stream.damage}; {len(entries)} utterances could be read")
        else:
            check_index(tar, stream.bytes, entries, self.findings)
        promised = self.stored.shards().get(tar.name)
        if promised is None:
            return
        if promised.sha256 != stream.sha256:
            sizes = "" if promised.bytes == stream.bytes else f"; {stream.bytes} bytes instead of {promised.bytes}"
            self.findings.add("checksum", f"{tar.name}: SHA-256 {stream.sha256[:12]}..., not as in info.json{sizes}")
        if promised.utterances != len(entries):
            self.findings.add("counts", f"{tar.name}: utterances: said {promised.utterances}, found {len(entries)}")

    def _look_at(self, raw: RawUtterance, shard: int, split: str) -> Entry | None:
        """Check one utterance; return where it lies, or nothing where it is unusable."""
        name = f"{self.tars[shard].name}: {raw.key}"
        missing = {AUDIO_SUFFIX, RECORD_SUFFIX} - raw.members.keys()
        if missing:
            self.findings.add("missing_member", f"{name}: no .{' and no .'.join(sorted(missing))} beside the others")
            return None
        audio, text = raw.members[AUDIO_SUFFIX], raw.members[RECORD_SUFFIX]
        try:
            record = UtteranceRecord.from_json(text.data)
        except RecordError as error:
            self.findings.add("record", f"{name}: {error}")
            return None
        self._keys.add(_hash(f"{split}/{raw.key}"), shard, text.offset)
        wrong = list(objections(record, raw.key, split))
        for objection in wrong:
            self.findings.add("record", f"{name}: {objection}")
        if not wrong:
            self._count(record)
        self._listen(name, None if wrong else record, audio.data, (shard, text.offset))
        places = (audio.offset, len(audio.data), text.offset, len(text.data))
        vectors = raw.members.get(VECTORS_SUFFIX)
        behind = () if vectors is None else (vectors.offset, len(vectors.data))
        return Entry(raw.key, *places, record.duration, record.emotion, *behind)

    def _count(self, record: UtteranceRecord) -> None:
        name = f"{record.split}: {record.key}"
        self.tally.add(record)
        self.histograms.add(record.attributes)
        absent, levels = missing_attributes(record), missing_levels(record)
        if absent:
            self.findings.add("attributes_missing", f"{name}: {', '.join(absent)}")
        if levels:
            self.findings.add("levels_missing", f"{name}: {', '.join(levels)}")
        texts = [kind for kind in ("explicit", "implicit") if not getattr(record, kind)]
        if texts and record.emotion is not None:
            self.findings.add("texts_missing", f"{name}: no {' and no '.join(texts)} text")
        if self.stored.levels is not None and not levels:
            given, _ = self.stored.levels.table.levels(record)
            if given != record.levels:
                self.findings.add("levels_differ", f"{name}: {record.levels}, by the statistics {given}")

    def _listen(self, name: str, record: UtteranceRecord | None, data: bytes, place: tuple[int, int]) -> None:
        try:
            sound = decode(data)
        except SoundError as error:
            self.findings.add("audio", f"{name}: {error}")
            return
        self._sounds.add(sound.fingerprint(), *place)
        for kind, words in (("clipping", clipping(sound)), ("silence", silence(sound))):
            if words:
                self.findings.add(kind, f"{name}: {words}")
        if not sound.as_written:
            self.findings.add("sound_format", f"{name}: {sound.rate} Hz, {sound.channels} channels")
        if record is not None:
            self._match(name, record, sound)
            self.examples.offer(record, data)

    def _match(self, name: str, record: UtteranceRecord, sound: Sound) -> None:
        if abs(record.duration - sound.seconds) > LONGEST_DRIFT:
            self.findings.add("record", f"{name}: duration is {record.duration} s, its sound lasts {sound.seconds:.4f}")
        fast = too_fast(record, sound.seconds)
        if fast:
            self.findings.add("transcript_too_long", f"{name}: {fast}")

    def _name_repeats(self) -> None:
        for group in self._keys.groups():
            self._add_group("key_twice", group)
        for group in self._sounds.groups():
            splits = {self.tars[shard].name.rpartition("-")[0] for shard, _ in group}
            self._add_group("duplicate_across_splits" if len(splits) > 1 else "duplicate_in_split", group)

    def _add_group(self, kind: str, group: list[tuple[int, int]]) -> None:
        """Name the first members of a group; there may be thousands of groups, and of members."""
        shown = group[:NAMED_OF_GROUP] if self.findings.has_room(kind) else []
        others = f" and {len(group) - len(shown)} more" if len(group) > len(shown) else ""
        self.findings.add(kind, " = ".join(self._name(*place) for place in shown) + others)

    def _name(self, shard: int, offset: int) -> str:
        """Return shard, key and label of the utterance whose record begins at a byte."""
        tar = self.tars[shard]
        record = UtteranceRecord.from_json(read_member(tar, offset))
        return f"{tar.name}: {record.key} ({record.emotion or UNLABELLED})"


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
