# Everything a fresh machine needs is made by the targets themselves: Python 3.11+, git and make are enough.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
PROTOS := hp_tui/heartpulse/protos
# Integration tests wait more than they compute: one process more than two cores.
WORKERS ?= 3
# Minor versions of gRPC that pyproject.toml allows.
GRPC_MINORS ?= 1.85

.DEFAULT_GOAL := help
.PHONY: help demo test check format snapshots protos bench grpc-versions clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "hp-tui needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1). Say: make PYTHON=python3.12 …" >&2; exit 2; }
	@echo "setting up $(VENV) (once)" >&2
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]' >&2
	@$(BIN)/python -m compileall -q hp_tui
	@touch $@

demo: $(STAMP) ## a private Consul, the Heart-Pulse fleet and the full screen (plain-text tour when stdout is no terminal)
	@$(BIN)/hp-tui demo $(ARGS)

test: $(STAMP) ## the whole suite: unit, pilot, snapshot, integration
	@$(BIN)/hp-tui demo --fetch-only >&2
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal $(ARGS)

check: $(STAMP) ## ruff, mypy strict, import-linter, codespell
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell

format: $(STAMP) ## put the code in shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

snapshots: $(STAMP) ## draw the goldens in snapshots/ again; look at every one that changed
	$(BIN)/python -m pytest tests/snapshot --snapshot-update $(ARGS)

protos: $(STAMP) ## generate the gRPC stubs beside their .proto files
	$(BIN)/python -m grpc_tools.protoc --proto_path=. --python_out=. --mypy_out=. --grpc_python_out=. --mypy_grpc_out=. \
	    --plugin=protoc-gen-mypy=$(BIN)/protoc-gen-mypy --plugin=protoc-gen-mypy_grpc=$(BIN)/protoc-gen-mypy_grpc \
	    $(PROTOS)/*.proto

bench: $(STAMP) ## measure, as ratios in one run; writes tests/bench/results.md
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,bench]' >&2
	@$(BIN)/hp-tui demo --fetch-only >&2
	$(BIN)/python -m tests.bench $(ARGS)

grpc-versions: $(STAMP) ## the tests of gRPC's wording on the newest patch of each minor version that is allowed
	@for minor in $(GRPC_MINORS); do \
	    $(PYTHON) -m venv --clear $(VENV)-grpc && \
	    $(VENV)-grpc/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]' >&2 && \
	    $(VENV)-grpc/bin/python -m pip install --quiet --disable-pip-version-check "grpcio==$$minor.*" >&2 && \
	    $(VENV)-grpc/bin/python -m pytest -q tests/integration/test_grpc_texts.py || exit 1; \
	done; rm -rf $(VENV)-grpc

clean: ## remove what the targets made here
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis snapshot_report.html
	find hp_tui widgets tests -name __pycache__ -prune -exec rm -rf {} +
