"""Candidate answers as a tree of tokens: what they have in common is computed once, and all of it in one pass.

The nodes stand behind the prompt in one sequence. Each sees the prompt and its own ancestors, as if every candidate had
been appended to the prompt alone::

    prompt | This speech conveys anger . | disg ust . | fear . ...
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

MOST_LOGITS = 1 << 26
"""Logits that are held at once: 0.3 GB in float32."""


@dataclass(frozen=True, slots=True)
class LabelTree:
    """T nodes of C candidates; the last token of a candidate is only predicted, so it is no node unless others go on.

    Attributes:
        tokens: ``[T]`` token ids.
        depths: ``[T]`` how many tokens stand between a node and the prompt.
        visible: ``[T, T]`` True where the column is the row itself or one of its ancestors.
        sources: ``[P]`` what predicts each of the P tokens of all candidates: 0 the prompt's end, n + 1 node n.
        targets: ``[P]`` those tokens.
        owners: ``[P]`` whose tokens they are.
        candidates: C.
    """

    tokens: Tensor
    depths: Tensor
    visible: Tensor
    sources: Tensor
    targets: Tensor
    owners: Tensor
    candidates: int

    @classmethod
    def grow(cls, candidates: list[list[int]], device: torch.device) -> "LabelTree":
        """Build the tree of some answers' token ids, none of them empty."""
        found: dict[tuple[int, ...], int] = {}
        predicted: list[tuple[int, int, int]] = []
        for owner, ids in enumerate(candidates):
            source = 0
            for depth, token in enumerate(ids):
                predicted.append((source, token, owner))
                if depth + 1 < len(ids):
                    source = found.setdefault(tuple(ids[: depth + 1]), len(found)) + 1
        paths = list(found)
        visible = [[path[: len(other)] == other for other in paths] for path in paths]
        columns = torch.tensor(predicted, dtype=torch.long).unbind(1)
        grown = (
            torch.tensor([path[-1] for path in paths], dtype=torch.long),
            torch.tensor([len(path) - 1 for path in paths], dtype=torch.long),
            torch.tensor(visible, dtype=torch.bool).view(len(paths), len(paths)),
            *columns,
        )
        tokens, depths, seen, sources, targets, owners = (values.to(device) for values in grown)
        return cls(tokens, depths, seen, sources, targets, owners, len(candidates))

    def mask(self, attention: Tensor) -> Tensor:
        """Return who may attend to whom, ``[B, 1, L + T, L + T]``, for left-padded prompts with mask ``[B, L]``."""
        batch, length = attention.shape
        whole = length + len(self.tokens)
        mask = torch.zeros(batch, whole, whole, dtype=torch.bool, device=attention.device)
        mask[:, :, :length] = attention.bool().unsqueeze(1)
        mask[:, :length, :length] &= torch.ones(length, length, dtype=torch.bool, device=attention.device).tril()
        mask[:, length:, length:] = self.visible
        mask |= torch.eye(whole, dtype=torch.bool, device=attention.device)  # padding sees itself, so no row is empty
        return mask.unsqueeze(1)

    def scores(self, hidden: Tensor, head: Any) -> Tensor:
        """Return ``[B, C]`` summed log-probabilities of the candidates.

        Args:
            hidden: ``[B, 1 + T, H]`` of the prompts' last position and of the nodes.
            head: The vocabulary head, a linear layer; asked for some utterances at a time.
        """
        together = max(1, MOST_LOGITS // (hidden.shape[1] * int(head.weight.shape[0])))
        parts = torch.split(hidden, together)
        logs = torch.cat([head(part).float().log_softmax(-1)[:, self.sources, self.targets] for part in parts])
        return logs.new_zeros(len(logs), self.candidates).index_add(1, self.owners, logs)


def distinct_beginnings(candidates: list[list[int]]) -> list[list[int]]:
    """Cut every candidate behind the first token that tells it from all others; one that begins another stays whole."""

    def shared(ids: list[int], count: int) -> bool:
        return sum(other[:count] == ids[:count] for other in candidates) > 1

    return [
        ids[: next((count for count in range(1, len(ids) + 1) if not shared(ids, count)), len(ids))]
        for ids in candidates
    ]
