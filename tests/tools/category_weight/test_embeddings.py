import numpy as np
import pytest
import torch

from c2ser_lightning.models.emotion2vec import Emotion2Vec
from c2ser_lightning.models.emotion2vec.load import CONFIG_KEY, config_to_dict
from tests.shards import write_split
from tests.tiny import emotion2vec_config
from tools.category_weight.embeddings import Embeddings, embed, embedding_figure


def clusters(spread: float) -> Embeddings:
    generator = np.random.default_rng(0)
    emotions = np.repeat(np.arange(3), 20)
    return Embeddings((np.eye(8)[emotions] + spread * generator.normal(size=(60, 8))).astype(np.float32), emotions)


def test_the_silhouette_is_high_for_clusters_and_near_zero_for_a_mixture():
    assert clusters(0.05).silhouette() > 0.9
    assert abs(clusters(20.0).silhouette()) < 0.1


def test_the_silhouette_ignores_length_as_the_category_loss_does():
    one = clusters(0.3)
    lengths = np.random.default_rng(1).uniform(0.1, 10, size=(60, 1)).astype(np.float32)
    assert Embeddings(one.vectors * lengths, one.emotions).silhouette() == pytest.approx(one.silhouette(), abs=1e-5)


def test_the_plane_keeps_clusters_apart():
    plane = clusters(0.05).plane()
    centres = plane.reshape(3, 20, 2).mean(1)
    assert min(np.linalg.norm(centres[a] - centres[b]) for a, b in [(0, 1), (0, 2), (1, 2)]) > 0.5
    assert np.abs(plane.reshape(3, 20, 2) - centres[:, None]).max() < 0.3


def test_embeddings_are_the_mean_frames_of_each_test_utterance(tmp_path):
    write_split(tmp_path, "test", [0.5, 0.8, 0.4])
    student = Emotion2Vec(emotion2vec_config()).eval()
    weights = {f"student.{name}": value for name, value in student.state_dict().items()}
    torch.save({"state_dict": weights, CONFIG_KEY: config_to_dict(student.config)}, tmp_path / "e.ckpt")
    made = embed(tmp_path / "e.ckpt", tmp_path)
    assert made.emotions.tolist() == [1, 0, 2]  # longest first
    from c2ser_lightning.data.dataset import ShardDataset
    from c2ser_lightning.data.shard_index import ShardIndex

    alone = student.extract_features(ShardDataset([ShardIndex.load(tmp_path, "test")])[2].waveform.unsqueeze(0))
    np.testing.assert_allclose(made.vectors[2], alone.frames[0].mean(0).detach().numpy(), atol=1e-4)


def test_the_picture_has_a_panel_for_each_encoder():
    figure = embedding_figure(["plain", "with category loss"], [clusters(1.0), clusters(0.1)])
    assert len(figure.axes) == 2
    assert [len(axes.collections) for axes in figure.axes] == [3, 3]
    assert figure.axes[1].get_title().startswith("with category loss\nsilhouette 0.")
