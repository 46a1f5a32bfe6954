from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from c2ser_lightning.models.backbone import BackboneError, identity, iterate_safetensors, resolve_folder


def folder(path, value=0.0, shape=(2,)):
    path.mkdir()
    (path / "config.json").write_text("{}")
    save_file({"weight": torch.full(shape, value)}, path / "model.safetensors")
    return path


def test_a_folder_is_named_by_structure_and_weights_wherever_it_lies(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, moved = folder(tmp_path / "a" / "lm"), folder(tmp_path / "b" / "lm")
    other = folder(tmp_path / "b" / "wide", shape=(3,))
    tuned = folder(tmp_path / "a" / "tuned", value=0.5)
    assert identity(str(one)).partition("@")[2] != identity(str(tuned)).partition("@")[2]
    assert identity(str(one)) == identity(str(moved))
    assert identity(str(one)).startswith("lm@")
    assert identity(str(one)).partition("@")[2] != identity(str(other)).partition("@")[2]


def test_older_weights_count_only_where_there_are_no_others(tmp_path):
    names = []
    for number, content in enumerate((b"1" * 9999, b"2" * 9999)):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "pytorch_model.bin").write_bytes(content)
        names.append(identity(str(tmp_path / str(number))).partition("@")[2])
    assert names[0] != names[1]
    both = folder(tmp_path / "both")
    name = identity(str(both))
    (both / "pytorch_model.bin").write_bytes(b"1")
    assert identity(str(both)) == name


def test_older_weights_are_only_fetched_where_there_are_no_others(tmp_path, monkeypatch):
    """The hub cannot be reached from here: its client is replaced by one that writes what was asked for."""
    for name, published in (("new", ["model.safetensors", "pytorch_model.bin"]), ("old", ["pytorch_model.bin"])):

        def fetch(source, allow_patterns, published=published, out=tmp_path / name):
            out.mkdir(exist_ok=True)
            for file in published:
                if any(Path(file).match(pattern) for pattern in allow_patterns):
                    (out / file).write_bytes(b"")
            return str(out)

        monkeypatch.setattr("huggingface_hub.snapshot_download", fetch)
        found = resolve_folder("somebody/something")
        assert [path.name for path in found.iterdir()] == published[:1]


def test_a_file_is_named_by_its_content(tmp_path):
    for name, content in (("x/s.ckpt", b"1"), ("y/s.ckpt", b"1"), ("z/s.ckpt", b"2")):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(content)
    x, y, z = (identity(str(tmp_path / name / "s.ckpt")) for name in "xyz")
    assert x == y != z


def test_hub_names_and_random_weights_name_themselves():
    assert identity("openai/whisper-medium") == "openai/whisper-medium"
    assert identity(None) == "random"


def test_a_path_that_does_not_exist_is_not_taken_for_a_hub_name():
    for source in ("./nowhere", "/nowhere/at/all", "a/b/c", "plain"):
        with pytest.raises(BackboneError, match="no such folder"):
            resolve_folder(source)


def test_a_folder_without_weights_is_named(tmp_path):
    with pytest.raises(BackboneError, match=r"no \.safetensors"):
        list(iterate_safetensors(tmp_path))
    assert [name for name, _ in iterate_safetensors(folder(tmp_path / "lm"))] == ["weight"]
