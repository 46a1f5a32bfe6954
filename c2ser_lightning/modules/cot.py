"""C2SER training: stage 1 learns explicit chains of thought, stage 2 distils them into direct answers."""

from lightning.pytorch.utilities import rank_zero_info

from c2ser_lightning.data.batch import Batch
from c2ser_lightning.data.datamodule import EmotionDataModule
from c2ser_lightning.losses.imbalance import ImbalanceConfig
from c2ser_lightning.models.backbone import BackboneError, identity
from c2ser_lightning.models.c2ser import C2SER, AcousticSettings
from c2ser_lightning.models.connector import ConnectorSettings
from c2ser_lightning.models.language_model import LanguageModelSettings
from c2ser_lightning.models.released import is_released, load_released_c2ser
from c2ser_lightning.models.sharding import shard
from c2ser_lightning.models.stored_vectors import check_stored_vectors
from c2ser_lightning.models.whisper import WhisperSettings
from c2ser_lightning.modules.answering import AnsweringModule, AnsweringSettings
from c2ser_lightning.modules.optimization import OptimizerConfig
from c2ser_lightning.text.prompts import Mode, PromptSettings


class CoTModule(AnsweringModule):
    """What both stages share: C2SER, from its backbones, an earlier stage or the released file."""

    model: C2SER | None

    def __init__(
        self,
        whisper: WhisperSettings | None,
        acoustic: AcousticSettings | None,
        connector: ConnectorSettings,
        language_model: LanguageModelSettings,
        prompts: PromptSettings,
        optimizer: OptimizerConfig,
        answering: AnsweringSettings,
        initialise_from: str | None = None,
        cache_megabytes: int = 0,
        imbalance: ImbalanceConfig | None = None,
    ) -> None:
        """Keep the settings; weights are loaded in :meth:`configure_model`.

        Args:
            whisper: The semantic encoder; ``null`` for the ablation without it.
            acoustic: The frozen Emotion2Vec-S; ``null`` for the ablation without it.
            connector: The connection module.
            language_model: The language model and its LoRA.
            prompts: Questions and layout.
            optimizer: Optimizer and schedule.
            answering: How test and predict answer.
            initialise_from: Where the trained weights start from: a checkpoint of an earlier stage, the
                ``trained.safetensors`` of an exported folder, or the released ``C2SER_llm.pt``, which brings Whisper
                and the language model with it.
            cache_megabytes: Host memory for the frozen encoders' features of each utterance, so that small corpora are
                encoded once and not in every epoch. Off by default: an hour of Whisper-medium takes 740 MB.
            imbalance: What the training loss does about rare emotions; nothing without it.
        """
        super().__init__(prompts, optimizer, answering, imbalance)
        self.whisper, self.acoustic, self.connector_settings = whisper, acoustic, connector
        self.language_model_settings, self.initialise_from = language_model, initialise_from
        self.cache_megabytes = cache_megabytes
        self._released: str | None = None

    def setup(self, stage: str) -> None:
        """See that vectors from the shards, if they are used, are those of the model's own encoder."""
        data = getattr(self.trainer, "datamodule", None)
        if isinstance(data, EmotionDataModule) and data.vectors:
            check_stored_vectors(data.vector_checksums(), self.acoustic)

    def configure_model(self) -> None:
        """Load the backbones and, if asked for, the weights of an earlier stage. Repeated calls do nothing."""
        if self.model is not None:
            return
        start = self.initialise_from
        if start is not None and is_released(start):
            self._released, self.model = start, self._read_released(start)
        else:
            self.model = C2SER(
                self.whisper, self.acoustic, self.connector_settings, self.language_model_settings, self.cache_megabytes
            )
            if start is not None:
                self.load_trained(start)
        if self.device_mesh is not None:
            shard(self.model, self.device_mesh)

    def _read_released(self, path: str) -> C2SER:
        """Read the released model; of the settings, sizes are the file's and the rest is this module's."""
        language_model, whisper = self.language_model_settings, self.whisper
        if whisper is None or self.acoustic is None or language_model.quantization is not None:
            raise BackboneError(f"{path} holds the whole model: leave whisper and acoustic in, and quantization out")
        tokenizer = language_model.tokenizer or language_model.source or "Qwen/Qwen2-7B"
        model, report = load_released_c2ser(
            path, self.acoustic, tokenizer, whisper, self.connector_settings, language_model, self.cache_megabytes
        )
        rank_zero_info(f"{path}: {report}")
        return model

    @property
    def c2ser(self) -> C2SER:
        """The model, once :meth:`configure_model` has run."""
        model = self.answerer
        assert isinstance(model, C2SER)
        return model

    def backbone_identities(self) -> dict[str, str]:
        """Name the frozen parts a checkpoint of this module needs."""
        parts = {"language_model": identity(self._released or self.language_model_settings.source)}
        if self.whisper is not None:
            parts["whisper"] = identity(self._released or self.whisper.source)
        if self.acoustic is not None:
            parts["emotion2vec_s"] = identity(self.acoustic.encoder.checkpoint)
        return parts


class ExplicitCoT(CoTModule):
    """Stage 1 (paper III-C): describe style and content, then infer the emotion."""

    mode: Mode = "explicit"


class ImplicitCoT(CoTModule):
    """Stage 2 (paper III-D): self-distillation from explicit to implicit answers.

    Which utterances of a batch are trained on their explicit answer is decided by the CoTCurriculum callback, which
    sets ``explicit_rows`` before each step. Without that callback every answer is implicit.
    """

    mode: Mode = "implicit"
    explicit_rows: list[bool] | None = None

    def possible_modes(self) -> tuple[Mode, ...]:
        """Return both kinds: the curriculum's choice is not known when batches are planned."""
        return ("explicit", "implicit")

    def modes(self, batch: Batch) -> list[Mode]:
        """Return the curriculum's choice for each utterance."""
        if self.explicit_rows is None:
            return super().modes(batch)
        return ["explicit" if explicit else "implicit" for explicit in self.explicit_rows]
