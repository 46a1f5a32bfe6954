# Every target sets up what it needs: a virtual environment in .venv with the pinned packages of constraints/.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# CPU or CUDA: constraints/cpu.txt or constraints/cuda.txt; TORCH_PIP_ARGS may name the index of the wanted torch build.
CONSTRAINTS ?= constraints/cpu.txt
TORCH_PIP_ARGS ?=
CORPUS ?= demo
DATA ?=
WHISPER ?=
NAME ?=
REPEAT ?=
CHECKPOINT ?= runs/stage2/checkpoints/last.ckpt
SYSTEM ?=
READER ?=
# who writes the texts: template, huggingface or endpoint (docs/teachers.md); further options in TEACHER_OPTIONS
TEACHER ?=
TEACHER_MODEL ?=
TEACHER_URL ?=
TEACHER_OPTIONS ?=
TEACHING = $(if $(TEACHER),--teacher $(TEACHER)) $(if $(TEACHER_MODEL),--teacher-model $(TEACHER_MODEL)) $(if $(TEACHER_URL),--teacher-url $(TEACHER_URL)) $(TEACHER_OPTIONS)
# glibc keeps freed memory; otherwise a third of the time of large batches on a CPU goes into page faults
KEEP_MEMORY := env MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=17179869184 MALLOC_TOP_PAD_=67108864
CODE := c2ser_lightning tools tests benchmarks

.DEFAULT_GOAL := help
.PHONY: help setup demo shards eval test test-all lint format bench clean

help:  ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-9s %s\n", $$1, $$2}'

setup: $(VENV)/.ready  ## Make .venv with the pinned packages

$(VENV)/.ready: setup.cfg pyproject.toml $(CONSTRAINTS)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet torch==2.13.0 $(TORCH_PIP_ARGS)
	$(BIN)/python -m pip install --quiet --constraint $(CONSTRAINTS) --editable '.[dev]'
	touch $@

demo: setup  ## Speech to shards, three trainings, a report (CORPUS=, DATA=, WHISPER=, REPEAT= as in README)
	$(BIN)/python -m tools.demo --corpus $(CORPUS) $(if $(DATA),--data $(DATA)) $(if $(WHISPER),--whisper $(WHISPER)) $(if $(NAME),--name $(NAME)) $(if $(REPEAT),--repeat $(REPEAT))

shards: setup  ## Annotated WebDataset shards in shards/ (CORPUS=<name in docs/corpora.md>, DATA=<folder or list>, NAME=, READER="key=value ...")
ifeq ($(CORPUS),demo)
	$(BIN)/python -m tools.make_demo_corpus --out build/demo_corpus
	$(BIN)/python -m tools.make_shards --corpus demo --data build/demo_corpus --out shards/$(or $(NAME),demo) $(TEACHING)
else
	$(BIN)/python -m tools.make_shards --corpus $(CORPUS) --data $(DATA) --out shards/$(or $(NAME),$(CORPUS)) $(foreach option,$(READER),--reader-option $(option)) $(TEACHING)
endif

eval: setup  ## Test a checkpoint or a comparison system on all of the paper's sets that have shards (CHECKPOINT= or SYSTEM=, NAME=)
	$(BIN)/python -m tools.evaluate_all $(if $(SYSTEM),--system $(SYSTEM),--checkpoint $(CHECKPOINT)) --out runs/eval/$(or $(NAME),ours) --name "$(or $(NAME),ours)"

test: setup  ## Tests, below ten minutes on two cores
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test-all: setup  ## All tests, the long ones too
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m ""

lint: setup  ## Style, formatting and types
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy

format: setup  ## Rewrite the code in the project's format
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

bench: setup  ## Benchmarks; results go to benchmarks/results/
	$(KEEP_MEMORY) $(BIN)/python -m benchmarks.perception
	$(KEEP_MEMORY) $(BIN)/python -m benchmarks.emotion2vec_features
	$(KEEP_MEMORY) $(BIN)/python -m benchmarks.emotion2vec_step
	$(KEEP_MEMORY) $(BIN)/python -m benchmarks.pitch
	$(KEEP_MEMORY) $(BIN)/python -m benchmarks.pitch_accuracy
	$(KEEP_MEMORY) $(BIN)/python -m benchmarks.pitch_layer
	$(KEEP_MEMORY) $(BIN)/python -m benchmarks.metrics_cost

clean:  ## Remove built data and caches; keeps .venv
	rm -rf build dist runs backbones .pytest_cache .mypy_cache .ruff_cache *.egg-info
	find shards -mindepth 1 ! -name README.md -delete
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
