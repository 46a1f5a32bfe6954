"""Who attends to whom in the language model, said in a form that neither waits for the device nor blocks fast kernels.

transformers builds its masks by looking at the values of the padding mask, for which the host must wait. What it finds
ready made, it takes as it is: a dictionary of masks by layer type (as its own ``generate`` passes), or a 4-D mask.
"""

from typing import Any

import torch
from torch import Tensor


def plain_causal(config: Any, attention: Tensor) -> Any:
    """Return what to pass as ``attention_mask`` for rows padded on the right.

    Behind causal attention no valid position ever sees the padding to its right, so no mask is needed: this selects the
    kernel that knows causal attention by itself.

    Args:
        config: The model's configuration.
        attention: ``[B, L]``, 1 where valid; the answer for models that cannot be told so.
    """
    kinds = set(getattr(config, "layer_types", None) or ())
    return {"full_attention": None} if kinds == {"full_attention"} else attention


def block_diagonal(owner: Tensor) -> Tensor:
    """Return the mask ``[R, 1, L, L]`` (True: may attend) of packed rows: causal, and within each utterance only.

    Args:
        owner: ``[R, L]`` utterance of each position; padding counts as one more utterance, so that no row is empty.
    """
    own = owner.unsqueeze(2) == owner.unsqueeze(1)
    causal = torch.ones(own.shape[1:], dtype=torch.bool, device=owner.device).tril()
    return (own & causal).unsqueeze(1)
