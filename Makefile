# Needs make and a Python from 3.11 to 3.13 with venv; everything else comes as Python packages.
SUITABLE = import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c "$(SUITABLE)" >/dev/null 2>&1 && { command -v $$p; break; }; done)
PORT ?= 8000
SHARED ?= ../shared
SOURCES := search indexer webui tests benchmarks docs
BIN := .venv/bin

.PHONY: setup meaning opensearch dask run test fuzz sanitize attack soak check bench lock wheels messages screenshots clean
.DEFAULT_GOAL := run

setup: .venv/.installed

KERNELS := search/engines/whoosh/kernels

# Wheels by their hashes, then this package alone: nothing comes in that was not tested.
.venv/.installed: pyproject.toml requirements.lock development.lock $(wildcard $(KERNELS)/*.pyx $(KERNELS)/*.pxi)
	@test -n "$(PYTHON)" || { echo "A Python from 3.11 to 3.13 with venv is needed: apt install python3-venv" >&2; exit 1; }
	@echo "Setting up in .venv; the first time takes a minute or two …"
	@test -x $(BIN)/python || "$(PYTHON)" -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all: --requirement requirements.lock --requirement development.lock
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@ls $(KERNELS)/_compiled.*.so >/dev/null 2>&1 || echo "There is no C compiler: searches will take longer. For the compiled part: apt install gcc python3-dev, make clean setup"
	@touch $@

# The extras: what finds by meaning (115 MB), speaks to OpenSearch (0.4 MB), spreads analysis (4 MB).
meaning: .venv/.meaning
opensearch: .venv/.opensearch
dask: .venv/.dask

WHAT_meaning := what finds by meaning
WHAT_opensearch := what speaks to OpenSearch
WHAT_dask := what spreads analysis over machines
WHAT_wheels := what builds wheels

# Wheels by their hashes, too.
.venv/.meaning .venv/.opensearch .venv/.dask .venv/.wheels: .venv/.%: .venv/.installed %.lock
	@echo "Installing $(WHAT_$*) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all: --requirement $*.lock
	@touch $@

run: setup
	@test -f index/CURRENT || $(BIN)/klastriotsing reindex examples/uudised
	@exec $(BIN)/klastriotsing serve --port $(PORT)

# What a change needs; with ALL=1, or REQUIRE_ALL=1 as in CI, what is marked slow, too.
# Some hundred programs are started, each with all its modules: what is compiled is kept.
test: setup
	@PYTHONDONTWRITEBYTECODE= SHARED="$(SHARED)" $(BIN)/python -m pytest -q --numprocesses auto --maxprocesses 4 --dist worksteal $(if $(filter 1,$(ALL) $(REQUIRE_ALL)),,-m "not slow")

fuzz: setup
	@FUZZ="$(or $(FUZZ),100000)" $(BIN)/python -m pytest -q -s tests/search/test_fuzz.py

# Forged indexes, asked of kernels that say of every access to memory whether it is one.
sanitize: setup
	@FUZZ_FILES="$(or $(FUZZ_FILES),2000)" $(BIN)/python tests/support/sanitize.py build/sanitize

# Ten minutes of readers while the index is rebuilt, rolled back and damaged, and a minute of too many.
soak: setup
	@SOAK="$(or $(SOAK),600)" LOAD="$(or $(LOAD),60)" $(BIN)/python -m pytest -q -s tests/reliability/test_soak.py tests/reliability/test_load.py

# Every call that changes the disk fails in every way, power cuts after each, and damaged files.
attack: setup
	@ATTACK=full FLIPS=full $(BIN)/python -m pytest -q -s $(addprefix tests/reliability/test_,faults.py power_loss.py kill.py damage.py backup.py upgrades.py)

check: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: setup
	@$(BIN)/python -m benchmarks --shared "$(SHARED)" $(if $(FULL),--full)

# After a change of constraints.txt: what pip would install on each machine, by hashes.
lock:
	@$(BIN)/python tests/support/lockfile.py

# One wheel for Python 3.11 to 3.13 and every glibc since 2.17, in dist/; no container is needed.
wheels: .venv/.wheels
	@$(BIN)/python tests/support/wheels.py dist

messages: setup
	@$(BIN)/python tests/support/catalogue.py

screenshots: setup
	@$(BIN)/python tests/browser/pictures.py docs/images

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis build *.egg-info $(KERNELS)/_compiled.c $(KERNELS)/*.so
