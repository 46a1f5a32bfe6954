"""Utterances from tar shards to batches: schema, decoding, indexing, bucketing, collation and the DataModule."""

from c2ser_lightning.data.datamodule import EmotionDataModule

__all__ = ["EmotionDataModule"]
