import pytest
import torch

from c2ser_lightning.models.emotion2vec import Emotion2Vec
from c2ser_lightning.models.emotion2vec.teacher import Teacher, TeacherConfig, instance_norm
from tests.tiny import emotion2vec_config


def test_decay_rises_linearly_and_stays():
    config = TeacherConfig(decay=0.9, end_decay=0.99, anneal_steps=10)
    assert [config.decay_at(step) for step in (0, 5, 10, 999)] == pytest.approx([0.9, 0.945, 0.99, 0.99])


def test_update_is_a_moving_average_of_the_context_network_only():
    student = Emotion2Vec(emotion2vec_config())
    teacher = Teacher(student.context, TeacherConfig(decay=0.9, anneal_steps=0, end_decay=0.9))
    before = teacher.context.extra_tokens.clone()
    with torch.no_grad():
        student.context.extra_tokens += 1.0
    teacher.update(student.context, step=3)
    torch.testing.assert_close(teacher.context.extra_tokens, before + 0.1)
    assert not any(weight.requires_grad for weight in teacher.parameters())
    assert not any(name.startswith("local") for name, _ in teacher.context.named_parameters())


def test_the_teacher_stays_in_eval_mode():
    teacher = Teacher(Emotion2Vec(emotion2vec_config()).context, TeacherConfig())
    assert not teacher.train().training
    assert not teacher.context.training


def test_targets_average_the_top_layers_after_normalising_over_valid_frames():
    config = emotion2vec_config()
    student = Emotion2Vec(config).eval()
    local = torch.randn(2, 12, config.embed_dim)
    padding = torch.arange(12) >= torch.tensor([[12], [7]])
    targets = Teacher(student.context, TeacherConfig(top_k_layers=2)).targets(local, padding)
    results = student.context(local, padding).layer_results[-2:]
    for row, length in enumerate((12, 7)):
        layers = []
        for result in results:
            frames = result[row, config.extra_tokens :][:length].double()
            layers.append((frames - frames.mean(0)) / (frames.var(0, unbiased=False) + 1e-5).sqrt())
        torch.testing.assert_close(targets[row, :length].double(), sum(layers) / 2, atol=1e-4, rtol=0)
    assert targets[1, 7:].abs().max() == 0


def test_instance_norm_agrees_with_torch():
    frames = torch.randn(3, 20, 5)
    expected = torch.nn.functional.instance_norm(frames.transpose(1, 2)).transpose(1, 2)
    torch.testing.assert_close(instance_norm(frames, None), expected, atol=1e-5, rtol=0)
