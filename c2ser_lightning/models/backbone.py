"""Where pretrained weights come from: a hub name, a local folder, or nothing (random weights of a given size)."""

import functools
import hashlib
import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor

SAMPLES, SAMPLE_BYTES = 64, 4096
"""How many blocks of a file of weights tell it from another of the same structure, and their size."""

OLDER_WEIGHTS = "pytorch_model*.bin"
"""Files of weights of models that were never published as safetensors."""


class BackboneError(RuntimeError):
    """A backbone cannot be loaded; the message names the source and what is wrong with it."""


def resolve_folder(source: str) -> Path:
    """Return the local folder of a backbone; only a hub name that is no local folder is downloaded.

    Args:
        source: A folder in Hugging Face format, or a hub name such as ``openai/whisper-medium``.

    Raises:
        BackboneError: Neither a folder nor a reachable hub model.
    """
    folder = Path(source).expanduser()
    if folder.is_dir():
        return folder
    if source.startswith((".", "/", "~")) or source.count("/") != 1:
        raise BackboneError(f"no such folder: {source}; give a folder in Hugging Face format or a hub name")
    try:
        return _download(source)
    except Exception as error:
        raise BackboneError(
            f"{source!r} is no local folder, and the hub gave no such model ({type(error).__name__}: {error})"
        ) from error


def _download(source: str) -> Path:
    """Fetch a hub model's safetensors, or its older form of weights where it has no others."""
    from huggingface_hub import snapshot_download

    patterns = ["*.json", "*.safetensors", "*.txt", "*.model", "*.jinja"]
    folder = Path(snapshot_download(source, allow_patterns=patterns))
    if any(folder.glob("*.safetensors")):
        return folder
    return Path(snapshot_download(source, allow_patterns=[*patterns, OLDER_WEIGHTS]))


def load_whole(kind: Any, source: str, optional: tuple[str, ...] = (), **options: Any) -> Any:
    """Load a model of transformers in float32 that must find all of its weights; left to itself, it draws missing ones.

    Args:
        kind: The class, such as ``HubertModel``.
        source: Folder or hub name.
        optional: Weights that may be missing.
        **options: Further arguments of ``from_pretrained``.

    Raises:
        BackboneError: The folder holds no such model, or not all of it.
    """
    folder = resolve_folder(source)
    try:
        model, found = kind.from_pretrained(folder, dtype=torch.float32, output_loading_info=True, **options)
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise BackboneError(f"{source} cannot be read as a {kind.__name__} of transformers ({error})") from error
    missing = sorted(set(found["missing_keys"]) - set(optional))
    if missing:
        raise BackboneError(f"{source} lacks {len(missing)} weights of a {kind.__name__}, such as {missing[0]}")
    return model


def iterate_safetensors(folder: Path) -> Iterator[tuple[str, Tensor]]:
    """Yield every tensor of a folder's safetensors files, one at a time, so that no second copy is held.

    Raises:
        BackboneError: The folder has no safetensors file.
    """
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise BackboneError(f"{folder} holds no .safetensors file")
    for file in files:
        with safe_open(file, framework="pt") as tensors:
            for name in tensors.keys():  # noqa: SIM118
                yield name, tensors.get_tensor(name)


def identity(source: str | None) -> str:
    """Name a backbone for a checkpoint, so that neither moving it nor replacing it in place goes unnoticed.

    A folder is named by a hash of its configuration, its tensor headers, which hold each tensor's name, type, shape and
    place, and samples of the weights: a fine-tuned or merged model has the headers of its base. That takes no time even
    for 15 GB. A single file is named by a hash of its content.
    """
    if source is None:
        return "random"
    folder = Path(source).expanduser()
    if folder.is_file():
        status = folder.stat()
        return f"{folder.name}@{_content_hash(folder, status.st_size, status.st_mtime_ns)}"
    if not folder.is_dir():
        return source
    digest = hashlib.sha256((folder / "config.json").read_bytes() if (folder / "config.json").is_file() else b"")
    for file in sorted(folder.glob("*.safetensors")) or sorted(folder.glob(OLDER_WEIGHTS)):
        digest.update(_sampled(file))
    return f"{folder.name}@{digest.hexdigest()[:16]}"


def _sampled(file: Path) -> bytes:
    """Return a safetensors file's header and evenly spaced blocks of what follows; blocks only of other files."""
    with file.open("rb") as stream:
        start, end, parts = 0, file.stat().st_size, []
        if file.suffix == ".safetensors":
            (size,) = struct.unpack("<Q", stream.read(8))
            parts = [json.dumps(json.loads(stream.read(size)), sort_keys=True).encode()]
            start += 8 + size
        for place in range(SAMPLES):
            stream.seek(start + (end - start) * place // SAMPLES)
            parts.append(stream.read(SAMPLE_BYTES))
    return b"".join(parts)


@functools.lru_cache
def _content_hash(file: Path, _size: int, _modified: int) -> str:
    """Hash a file's content; size and time of the last change make a changed file another one to the cache."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:16]
