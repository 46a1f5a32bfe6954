"""The text language model: a causal LM of transformers with LoRA adapters, its tokenizer, and its three uses."""

from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model
from torch import Tensor, nn
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerBase, Qwen2Config

from c2ser_lightning.models.attention import block_diagonal, plain_causal
from c2ser_lightning.models.backbone import BackboneError, resolve_folder
from c2ser_lightning.models.label_tree import LabelTree
from c2ser_lightning.models.limits import check_vocabulary, end_token
from c2ser_lightning.models.offload import OffloadedActivations
from c2ser_lightning.models.quantization import Quantization, loading_arguments
from c2ser_lightning.models.sequence import Layout

RELEASED_TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "down_proj")


@dataclass
class LoraSettings:
    """Low-rank adaptation (paper V-A: rank 8, scaling 32, dropout 0.1; the targets are the released model's)."""

    rank: int = 8
    alpha: int = 32
    dropout: float = 0.1
    targets: list[str] = field(default_factory=lambda: list(RELEASED_TARGETS))


@dataclass
class LanguageModelSettings:
    """Which language model, and what of it is trained.

    Attributes:
        source: Hub name or folder in Hugging Face format; ``None`` for random weights of the size below.
        tokenizer: Hub name or folder of the tokenizer; the model's own by default.
        lora: LoRA settings; ``None`` trains no weight of the language model.
        dtype: Type of the frozen weights.
        quantization: Keep the frozen weights in 4 (``nf4``) or 8 bits (``int8``); needs a ``source``.
        gradient_checkpointing: Trade a third more arithmetic for activation memory.
        offload_activations: Keep what the backward pass needs in host memory; with checkpointing, one tensor a layer.
        pack_width: Training packs several utterances into rows of so many positions; 0 gives each a row of its own.
        compile: Compile each layer with torch.compile; needs a C++ compiler on a CPU, and some minutes at the start.
        width: Hidden width of a random model.
        layers: Layers of a random model.
        heads: Attention heads of a random model.
        key_value_heads: Key and value heads of a random model.
        ffn: Feed-forward width of a random model.
        vocabulary: Embeddings of a random model; as many as the tokenizer has tokens by default.
        rope_theta: Base of a random model's rotary positions.
    """

    source: str | None = "Qwen/Qwen2-7B-Instruct"
    tokenizer: str | None = None
    lora: LoraSettings | None = field(default_factory=LoraSettings)
    dtype: Literal["float32", "bfloat16", "float16"] = "bfloat16"
    quantization: Quantization | None = None
    gradient_checkpointing: bool = False
    offload_activations: bool = False
    pack_width: int = 0
    compile: bool = False
    width: int = 3584
    layers: int = 28
    heads: int = 28
    key_value_heads: int = 4
    ffn: int = 18944
    vocabulary: int | None = None
    rope_theta: float = 10_000.0


class LanguageModel(nn.Module):
    """A frozen causal language model with trainable LoRA matrices."""

    def __init__(self, settings: LanguageModelSettings) -> None:
        """Load or initialise model and tokenizer, freeze the model and add the adapters."""
        super().__init__()
        self.tokenizer = load_tokenizer(settings)
        model = _load_model(settings, len(self.tokenizer))
        embeddings = model.get_input_embeddings().weight.shape[0]
        check_vocabulary(self.tokenizer, embeddings, str(settings.tokenizer or settings.source))
        self.context: int = model.config.max_position_embeddings
        model.requires_grad_(False)
        if settings.gradient_checkpointing:
            model.gradient_checkpointing_enable({"use_reentrant": False})
        self.causal: Any = _add_lora(model, settings.lora) if settings.lora else model
        self.width: int = model.config.hidden_size
        self.offload_activations = settings.offload_activations
        self.pack_width = settings.pack_width
        self.synchronised = False
        """Whether processes that share the weights must all go on until the last one has answered."""
        if settings.compile:
            for layer in self.inner.model.layers:
                layer.compile()  # in place: names of parameters stay as they are

    @property
    def inner(self) -> Any:
        """The model of transformers itself, without the wrapper that adapters bring."""
        # transformers types its model classes too loosely for a checker: `.model` and `.lm_head` are Any here.
        return self.causal.get_base_model() if hasattr(self.causal, "get_base_model") else self.causal

    def encode(self, text: str) -> list[int]:
        """Tokenize a piece of text; special tokens written out in it become their ids, none is added."""
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False)
        return ids

    def encode_all(self, texts: list[str]) -> list[list[int]]:
        """Tokenize many texts at once."""
        ids: list[list[int]] = self.tokenizer(texts, add_special_tokens=False)["input_ids"]
        return ids

    def embed(self, tokens: Tensor) -> Tensor:
        """Embed token ids ``[B, L]`` to ``[B, L, H]``."""
        embedded: Tensor = self.inner.get_input_embeddings()(tokens)
        return embedded

    def token_losses(self, embeddings: Tensor, layout: Layout, *, packed: bool = False) -> Tensor:
        """Return the cross-entropy of each label token.

        Only the hidden states that predict a label reach the vocabulary head, and nothing here waits for the device.

        Args:
            embeddings: ``[R, L, H]``, padded on the right.
            layout: What stands where, and K labels.
            packed: Whether a row holds several utterances.

        Returns:
            ``[K]`` losses in nats, float32.
        """
        mask = block_diagonal(layout.owner) if packed else plain_causal(self.inner.config, layout.attention)
        with OffloadedActivations(self) if self.offload_activations else nullcontext():
            output = self.inner.model(
                inputs_embeds=embeddings, attention_mask=mask, position_ids=layout.positions, use_cache=False
            )
        hidden = output.last_hidden_state.flatten(0, 1).index_select(0, layout.label_rows)
        return F.cross_entropy(self.inner.lm_head(hidden).float(), layout.labels, reduction="none")

    @torch.no_grad()
    def generate(
        self, embeddings: Tensor, attention: Tensor, end: str, max_new_tokens: int, beams: int = 1
    ) -> list[str]:
        """Continue left-padded prompts ``[B, L, H]`` (mask ``[B, L]``), greedily or with beams, up to ``end``."""
        end_id = end_token(self.tokenizer, end)
        tokens = self.causal.generate(
            inputs_embeds=embeddings,
            attention_mask=attention,
            max_new_tokens=max_new_tokens,
            num_beams=beams,
            do_sample=False,
            eos_token_id=end_id,
            pad_token_id=end_id,
            use_cache=True,
            synced_gpus=self.synchronised,
        )
        return [text.strip() for text in self.tokenizer.batch_decode(tokens, skip_special_tokens=True)]

    @torch.no_grad()
    def score(self, embeddings: Tensor, attention: Tensor, positions: Tensor, candidates: list[list[int]]) -> Tensor:
        """Score several continuations of each prompt in one pass, in which they share the prompt and common beginnings.

        Args:
            embeddings: Left-padded prompts ``[B, L, H]``.
            attention: ``[B, L]``, 1 where valid.
            positions: ``[B, L]`` position ids.
            candidates: C continuations as token ids.

        Returns:
            ``[B, C]`` summed log-probabilities of the continuations, float32.
        """
        tree = LabelTree.grow(candidates, attention.device)
        nodes = self.embed(tree.tokens).to(embeddings.dtype).expand(len(embeddings), -1, -1)
        output = self.inner.model(
            inputs_embeds=torch.cat([embeddings, nodes], dim=1),
            attention_mask=tree.mask(attention),
            position_ids=torch.cat([positions, positions[:, -1:] + 1 + tree.depths], dim=1),
            use_cache=False,
        )
        return tree.scores(output.last_hidden_state[:, embeddings.shape[1] - 1 :], self.inner.lm_head)


def load_tokenizer(settings: LanguageModelSettings) -> PreTrainedTokenizerBase:
    """Load the tokenizer that the settings name.

    Raises:
        BackboneError: A random model without a tokenizer was asked for.
    """
    source = settings.tokenizer or settings.source
    if source is None:
        raise BackboneError("a language model with random weights needs a tokenizer: set language_model.tokenizer")
    return AutoTokenizer.from_pretrained(resolve_folder(source))


def _load_model(settings: LanguageModelSettings, vocabulary: int) -> Any:
    dtype = getattr(torch, settings.dtype)
    quantized = loading_arguments(settings.quantization, dtype) if settings.quantization else {}
    if settings.source is not None:
        return AutoModelForCausalLM.from_pretrained(resolve_folder(settings.source), dtype=dtype, **quantized)
    if quantized:
        raise BackboneError("language_model.quantization needs weights to quantise: set language_model.source")
    config = Qwen2Config(
        vocab_size=settings.vocabulary or vocabulary,
        hidden_size=settings.width,
        num_hidden_layers=settings.layers,
        num_attention_heads=settings.heads,
        num_key_value_heads=settings.key_value_heads,
        intermediate_size=settings.ffn,
        rope_parameters={"rope_type": "default", "rope_theta": settings.rope_theta},
    )
    return AutoModelForCausalLM.from_config(config, dtype=dtype)  # type: ignore[no-untyped-call]


def _add_lora(model: Any, settings: LoraSettings) -> nn.Module:
    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=settings.targets,
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, config)
