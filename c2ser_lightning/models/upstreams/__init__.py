"""Frozen speech encoders behind one interface, for probes."""

from c2ser_lightning.models.upstreams.base import Upstream, UpstreamError
from c2ser_lightning.models.upstreams.source import UpstreamSource

__all__ = ["Upstream", "UpstreamError", "UpstreamSource"]
