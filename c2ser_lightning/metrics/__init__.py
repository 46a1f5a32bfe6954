"""Recognition metrics: torchmetrics classes and their functional forms."""

from c2ser_lightning.metrics.recognition import RecognitionMetrics, RecognitionScores

__all__ = ["RecognitionMetrics", "RecognitionScores"]
