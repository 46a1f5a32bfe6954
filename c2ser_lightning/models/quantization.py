"""Frozen language-model weights in 4 or 8 bits (QLoRA, arXiv 2305.14314; LLM.int8, arXiv 2208.07339)."""

from typing import Any, Literal

import torch

from c2ser_lightning.models.backbone import BackboneError

Quantization = Literal["nf4", "int8"]


def loading_arguments(quantization: Quantization, dtype: torch.dtype) -> dict[str, Any]:
    """Return what ``from_pretrained`` needs to quantise the weights while it reads them.

    Args:
        quantization: ``nf4`` (4 bits, the scales quantised too) or ``int8``.
        dtype: Type in which the products are computed.

    Raises:
        BackboneError: bitsandbytes is not installed.
    """
    require_bitsandbytes(f"language_model.quantization: {quantization}")
    from transformers import BitsAndBytesConfig

    if quantization == "int8":
        config = BitsAndBytesConfig(load_in_8bit=True)  # type: ignore[no-untyped-call]
    else:
        config = BitsAndBytesConfig(  # type: ignore[no-untyped-call]
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=dtype,
        )
    # Quantised where it will run: the whole model never lies unquantised in one memory.
    device = torch.device("cuda", torch.cuda.current_device()) if torch.cuda.is_available() else torch.device("cpu")
    return {"quantization_config": config, "device_map": {"": device}}


def require_bitsandbytes(wanted: str) -> None:
    """Check that the optional package is there.

    Raises:
        BackboneError: It is not; the message names the extra.
    """
    try:
        import bitsandbytes  # noqa: F401
    except ImportError as error:
        raise BackboneError(f"{wanted} needs bitsandbytes: pip install 'c2ser_lightning[qlora]'") from error
