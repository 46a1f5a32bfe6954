import pytest
import torch

from c2ser_lightning.models.backbone import BackboneError
from c2ser_lightning.models.emotion2vec import Emotion2Vec
from c2ser_lightning.models.emotion2vec.load import CONFIG_KEY, Emotion2VecSource, config_to_dict, load_emotion2vec
from tests.models.emotion2vec.test_parity import FIXTURE
from tests.tiny import batch, emotion2vec_config


def test_random_weights_follow_the_seed_and_leave_the_global_generator_alone():
    sources = [Emotion2VecSource(random_config=emotion2vec_config(), seed=seed) for seed in (1, 1, 2)]
    torch.manual_seed(5)
    before = torch.get_rng_state()
    one, same, other = (load_emotion2vec(source).context.extra_tokens for source in sources)
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert torch.equal(torch.get_rng_state(), before)


def test_own_checkpoint_gives_the_student_in_eval_mode_without_decoder(tmp_path):
    student = Emotion2Vec(emotion2vec_config(), with_decoder=True)
    weights = {f"student.{name}": value for name, value in student.state_dict().items()}
    content = {"state_dict": {**weights, "teacher.x": torch.zeros(1)}, CONFIG_KEY: config_to_dict(student.config)}
    torch.save(content, tmp_path / "own.ckpt")
    loaded = load_emotion2vec(Emotion2VecSource(checkpoint=str(tmp_path / "own.ckpt")))
    assert not loaded.training
    assert loaded.decoder is None
    for name, value in loaded.state_dict().items():
        assert torch.equal(value, student.state_dict()[name])


def test_released_file_is_read_too():
    loaded = load_emotion2vec(Emotion2VecSource(checkpoint=str(FIXTURE / "state_dict.safetensors")))
    assert loaded.decoder is None
    assert loaded.config.embed_dim == 48


@pytest.mark.parametrize("exact", [True, False])
def test_a_frozen_encoder_is_independent_of_its_batch_unless_told_otherwise(exact):
    for source in (
        Emotion2VecSource(random_config=emotion2vec_config(), exact_padding=exact),
        Emotion2VecSource(checkpoint=str(FIXTURE / "state_dict.safetensors"), exact_padding=exact),
    ):
        encoder = load_emotion2vec(source)
        data = batch([0.5, 0.3])
        together = encoder.extract_features(data.waveforms, data.padding_mask)
        alone = encoder.extract_features(data.waveforms[1:, : data.lengths[1]]).frames[0]
        same = torch.allclose(together.frames[1, : len(alone)], alone, atol=1e-4)
        assert same is exact
        assert encoder.config.exact_padding is exact


def test_features_that_depend_on_the_batch_are_not_cached():
    Emotion2VecSource(exact_padding=False).check_cache(0)
    with pytest.raises(ValueError, match="exact_padding: true or cache_megabytes: 0"):
        Emotion2VecSource(exact_padding=False).check_cache(100)


def test_missing_and_foreign_checkpoints_say_so(tmp_path):
    with pytest.raises(BackboneError, match="train one with configs/emotion2vec_s"):
        load_emotion2vec(Emotion2VecSource(checkpoint=str(tmp_path / "none.ckpt")))
    content = {"state_dict": {}, CONFIG_KEY: config_to_dict(emotion2vec_config())}
    torch.save(content, tmp_path / "empty.ckpt")
    with pytest.raises(BackboneError, match=r"empty\.ckpt does not hold the encoder"):
        load_emotion2vec(Emotion2VecSource(checkpoint=str(tmp_path / "empty.ckpt")))
