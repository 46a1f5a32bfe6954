import pytest

from tests.tools.auto_labels.corpus import save_encoder, train_probe


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory):
    return save_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="session")
def tiny_probe(tmp_path_factory, tiny_encoder):
    return train_probe(tmp_path_factory.mktemp("probe"), tiny_encoder)
