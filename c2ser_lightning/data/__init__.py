"""Utterances from tar shards to batches: schema, decoding, indexing, bucketing, collation and the DataModule."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from c2ser_lightning.data.datamodule import EmotionDataModule

__all__ = ["EmotionDataModule"]


def __getattr__(name: str) -> Any:
    """Import the DataModule when it is asked for: it brings Lightning, which the data tools' processes do not need."""
    if name == "EmotionDataModule":
        from c2ser_lightning.data.datamodule import EmotionDataModule

        return EmotionDataModule
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
