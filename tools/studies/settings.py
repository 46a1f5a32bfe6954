"""What a study compares, as typed configuration."""

from dataclasses import dataclass, field

SHARED = "shared"
"""Folder of the stages that all variants share."""


@dataclass
class StageSettings:
    """One ``fit`` of a variant.

    Attributes:
        name: Its folder, such as ``stage1``.
        configs: Config files, in order.
        options: Further options of ``fit`` and ``test``, such as ``--model.init_args.cache_megabytes=0``.
        start: Trained weights to start from: the name of an earlier stage of this variant, or the path of a checkpoint.

    In options and paths ``{seed}`` stands for the seed, ``{folder}`` for the folder of this variant's stages, and
    ``{shared}`` for that of the stages that all variants share.
    """

    name: str
    configs: list[str]
    options: list[str] = field(default_factory=list)
    start: str | None = None


@dataclass
class VariantSettings:
    """One row of the table.

    Attributes:
        name: Its heading.
        stages: What is trained, in order; the last is tested.
        test_options: Further options of ``test``, such as another way to answer.
    """

    name: str
    stages: list[StageSettings]
    test_options: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Check that there is something to train, under names of its own."""
        names = [stage.name for stage in self.stages]
        if not names or len(set(names)) < len(names):
            raise ValueError(f"variant {self.name!r} needs stages, each with a name of its own; it has {names}")


@dataclass
class StudySettings:
    """Variants, seeds, and what the table shows.

    Attributes:
        title: Heading of the page.
        variants: What is compared.
        seeds: Each variant is trained once under each; its mean over seeds is compared.
        shared: Stages that are trained once under each seed, before all variants.
        options: Options of every ``fit`` and ``test``.
        baseline: The variant that the others are compared with; the first without it.
        recall_of: Emotions whose recall has a column of its own.
        curves: TensorBoard scalars to draw against steps, one picture.
    """

    title: str
    variants: list[VariantSettings]
    seeds: list[int] = field(default_factory=lambda: [0, 1, 2])
    shared: list[StageSettings] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    baseline: str | None = None
    recall_of: list[str] = field(default_factory=list)
    curves: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Check names."""
        names = [variant.name for variant in self.variants]
        if not names or len(set(names)) < len(names):
            raise ValueError(f"a study needs variants, each with a name of its own; this one has {names}")
        if SHARED in names:
            raise ValueError(f"a variant cannot be named {SHARED!r}: that is the folder of the shared stages")
        self.baseline = self.baseline or names[0]
        if self.baseline not in names:
            raise ValueError(f"baseline {self.baseline!r} is no variant; choose from {', '.join(names)}")
        if not self.seeds or len(set(self.seeds)) < len(self.seeds):
            raise ValueError(f"a study needs seeds, each once; this one has {self.seeds}")
