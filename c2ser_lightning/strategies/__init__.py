"""Ways to spread training over processes that Lightning's own strategies do not have."""

from c2ser_lightning.strategies.sharded import TrainedShards

__all__ = ["TrainedShards"]
