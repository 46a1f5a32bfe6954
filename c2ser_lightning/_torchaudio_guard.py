"""Make ``import torchaudio`` succeed next to a CPU build of PyTorch.

The torchaudio 2.11 wheel links its native extension against CUDA. Beside a CPU-only torch the import raises
``OSError``, and takes transformers and penn down with it. Everything this project uses of torchaudio is plain Python,
so when the native library cannot be loaded a stub stands in for it. On a CUDA machine it loads and nothing changes.
"""

import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any


def import_torchaudio() -> ModuleType:
    """Import torchaudio, falling back to a stubbed native extension where the CUDA libraries are missing."""
    try:
        return importlib.import_module("torchaudio")
    except OSError:
        for name in [name for name in sys.modules if name.split(".")[0] == "torchaudio"]:
            del sys.modules[name]
        sys.modules["torchaudio._extension"] = _stub_extension()
        return importlib.import_module("torchaudio")


def _stub_extension() -> ModuleType:
    stub = ModuleType("torchaudio._extension")
    stub.__dict__.update(
        _IS_TORCHAUDIO_EXT_AVAILABLE=False,
        _IS_ALIGN_AVAILABLE=False,
        fail_if_no_align=_unavailable,
        _check_cuda_version=lambda: None,
    )
    return stub


def _unavailable(function: Callable[..., Any]) -> Callable[..., Any]:
    def raise_unavailable(*_args: Any, **_kwargs: Any) -> Any:
        raise RuntimeError(
            f"{function.__name__} needs torchaudio's native library, which needs a CUDA build of PyTorch"
        )

    return raise_unavailable
