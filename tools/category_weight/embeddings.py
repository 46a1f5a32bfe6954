"""How emotions lie in an encoder's embedding space: a picture by principal components, and the silhouette."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray

from c2ser_lightning.data import EmotionDataModule
from c2ser_lightning.data.bucketing import BatchConfig
from c2ser_lightning.data.datamodule import LoaderConfig
from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.models.emotion2vec.load import Emotion2VecSource, load_emotion2vec
from c2ser_lightning.models.emotion2vec.pooling import mean_frames

COLOURS = ("#d62728", "#ff7f0e", "#7f7f7f", "#1f77b4", "#e377c2", "#2ca02c", "#9467bd")


@dataclass(frozen=True, slots=True)
class Embeddings:
    """Mean frames ``[N, D]`` of N test utterances and their emotions' ids ``[N]``."""

    vectors: NDArray[np.float32]
    emotions: NDArray[np.int64]

    def silhouette(self) -> float:
        """Return the mean silhouette of emotions by cosine distance: 1 well apart, 0 mixed, below 0 among others."""
        from sklearn.metrics import silhouette_score

        return float(silhouette_score(self.vectors, self.emotions, metric="cosine"))

    def plane(self) -> NDArray[np.float32]:
        """Return the first two principal components of the unit-length vectors, ``[N, 2]``."""
        from sklearn.decomposition import PCA

        unit = self.vectors / np.linalg.norm(self.vectors, axis=1, keepdims=True)
        plane: NDArray[np.float32] = PCA(2, random_state=0).fit_transform(unit)
        return plane


@torch.inference_mode()
def embed(checkpoint: Path, shards: Path) -> Embeddings:
    """Encode the test split."""
    encoder = load_emotion2vec(Emotion2VecSource(checkpoint=str(checkpoint)))
    data = EmotionDataModule(
        str(shards), batch=BatchConfig(max_seconds=100.0, max_utterances=32), loader=LoaderConfig(workers=0)
    )
    data.setup("test")
    vectors, emotions = [], []
    for batch in data.test_dataloader():
        vectors.append(mean_frames(encoder.extract_features(batch.waveforms, batch.padding_mask)).float())
        emotions.append(batch.emotions)
    return Embeddings(torch.cat(vectors).numpy(), torch.cat(emotions).numpy())


def embedding_figure(titles: Sequence[str], embeddings: Sequence[Embeddings]) -> Figure:
    """Draw one panel an encoder, all emotions in the same colours."""
    figure = Figure(figsize=(4.2 * len(titles), 4.6), layout="constrained")
    panels = figure.subplots(1, len(titles), squeeze=False)[0]
    for axes, title, one in zip(panels, titles, embeddings, strict=True):
        plane = one.plane()
        for number in sorted(set(one.emotions.tolist())):
            chosen = plane[one.emotions == number]
            axes.scatter(*chosen.T, s=14, color=COLOURS[number], label=EMOTIONS[number], alpha=0.8, linewidths=0)
        axes.set_title(f"{title}\nsilhouette {one.silhouette():.3f}", fontsize=10)
        axes.set_xticks([])
        axes.set_yticks([])
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=7, frameon=False)
    return figure
