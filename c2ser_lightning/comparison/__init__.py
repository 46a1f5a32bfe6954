"""Systems to compare with, behind the interface that C2SER itself is tested by."""

from c2ser_lightning.comparison.cascade import CascadeRecognizer
from c2ser_lightning.comparison.emotion2vec_plus import Emotion2VecPlusRecognizer
from c2ser_lightning.comparison.pretrained import ComparisonError, PretrainedRecognizer
from c2ser_lightning.comparison.qwen2_audio import Qwen2AudioRecognizer
from c2ser_lightning.comparison.sense_voice import SenseVoiceRecognizer
from c2ser_lightning.comparison.ssl_probe import SSLProbeRecognizer

__all__ = [
    "CascadeRecognizer",
    "ComparisonError",
    "Emotion2VecPlusRecognizer",
    "PretrainedRecognizer",
    "Qwen2AudioRecognizer",
    "SSLProbeRecognizer",
    "SenseVoiceRecognizer",
]
