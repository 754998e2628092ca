# Photochrom. `make demo` colours the example photographs; `make test` runs every check.
# Another interpreter: make test PYTHON=python3.12

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
WEB    := tests/conformance/web/node_modules
SOURCES := src tests benchmarks docs

.DEFAULT_GOAL := help
.PHONY: help demo compare test lint bench bench-quality bench-documents lock clean
.DELETE_ON_ERROR:

help:
	@echo "make demo    colour the photographs of examples/ into build/demo/"
	@echo "make test    install what the tests need, then run the linters, the types and the tests"
	@echo "make lint    the linters and the types alone"
	@echo "make bench   run all benchmarks and write docs/measurements.md; bench-quality the network's colours alone"
	@echo "make compare write the sheets of docs/compare.md anew, after new weights"
	@echo "make lock    resolve the requirements*.lock files anew"
	@echo "make clean   remove what these made"

demo: $(VENV)/.core
	@$(BIN)/photochrom colorize examples/*.jpg -o build/demo --overwrite
	@echo "The colour photographs are in build/demo/"

compare: $(VENV)/.core
	@$(BIN)/python docs/images/compare.py
	@echo "The sheets are in docs/images/compare_*.webp"

test: lint $(WEB)/.installed
	@echo "== pytest"
	@$(BIN)/pytest || { echo "make test: some tests failed, see above. One alone: $(BIN)/pytest PATH::NAME"; exit 1; }

lint: $(VENV)/.dev
	@echo "== ruff"
	@$(BIN)/ruff check $(SOURCES) || { echo "make lint: ruff found faults. Many mend themselves: $(BIN)/ruff check --fix"; exit 1; }
	@$(BIN)/ruff format --check $(SOURCES) || { echo "make lint: unformatted files. Mend with: $(BIN)/ruff format $(SOURCES)"; exit 1; }
	@echo "== mypy"
	@$(BIN)/mypy || { echo "make lint: mypy found wrong types, see above."; exit 1; }
	@echo "== codespell"
	@$(BIN)/codespell || { echo "make lint: misspelt words. Mend with: $(BIN)/codespell -w"; exit 1; }

# Figures go to docs/measurements.json, the documents are written from it. Those that judge colours need a folder of colour
# photographs: make bench PHOTOGRAPHS=/path/to/photographs
REPORT := $(BIN)/python benchmarks/report.py $(if $(PHOTOGRAPHS),--photographs "$(PHOTOGRAPHS)")

bench: $(VENV)/.dev
	@$(REPORT)

bench-quality: $(VENV)/.dev
	@$(REPORT) model_quality

bench-documents: $(VENV)/.dev
	@$(REPORT) --documents-only

# The stamps are older than the lock files only when something has to be installed.
$(VENV)/.created:
	@command -v $(PYTHON) >/dev/null || { echo "make: no '$(PYTHON)' here. Install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make: '$(PYTHON)' is older than Python 3.11. Name a newer one: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "make: '$(PYTHON)' lacks the venv module. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

# The lock files are complete (--no-deps), and whatever lacks its hash is refused. hatchling is among them, so building
# the project downloads nothing more (--no-build-isolation).
$(VENV)/.core: requirements.lock pyproject.toml | $(VENV)/.created
	@echo "== installing what photochrom needs into $(VENV)"
	@$(PIP) install --require-hashes --no-deps -r requirements.lock || { echo "make: installing requirements.lock failed. Is a package index within reach of pip?"; exit 1; }
	@$(PIP) install --no-deps --no-build-isolation -e . || { echo "make: installing photochrom itself failed, see above."; exit 1; }
	@touch $@

# PyTorch by version alone: its CPU and CUDA builds share one, so no hash fits both. Which build comes is up to pip's
# configuration; its own dependencies that are not CUDA's are in requirements-dev.lock.
$(VENV)/.dev: requirements-dev.lock requirements-torch.txt $(VENV)/.core
	@echo "== installing what the tests need into $(VENV)"
	@$(PIP) install --require-hashes --no-deps -r requirements-dev.lock || { echo "make: installing requirements-dev.lock failed. Is a package index within reach of pip?"; exit 1; }
	@$(PIP) install -r requirements-torch.txt || { echo "make: installing PyTorch failed. Is there a build for this Python and machine?"; exit 1; }
	@touch $@

# onnxruntime-web, in which the tests run the embedded network as a browser would.
$(WEB)/.installed: tests/conformance/web/package-lock.json
	@command -v npm >/dev/null || { echo "make: no 'npm' here. Install Node.js 20 or newer (with npm)"; exit 1; }
	@echo "== installing onnxruntime-web"
	@npm ci --silent --no-audit --no-fund --ignore-scripts --prefix $(@D)/.. || { echo "make: npm could not install onnxruntime-web. Is the npm registry within reach?"; exit 1; }
	@touch $@

# Where pip finds PyTorch's CPU build; with the CUDA build its many libraries would land in the lock file.
PIP_COMPILE := CUSTOM_COMPILE_COMMAND="make lock" build/lock/bin/pip-compile --quiet --upgrade --generate-hashes \
	--strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --build-deps-for editable

lock: $(VENV)/.created
	@$(PYTHON) -m venv build/lock
	@build/lock/bin/python -m pip --quiet install pip-tools
	@$(PIP_COMPILE) --extra tiff --output-file requirements.lock pyproject.toml
	@$(PIP_COMPILE) --extra tiff --extra train --extra eval --extra dev --unsafe-package torch \
		--constraint requirements-torch.txt --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml
	@sed -i.bak '/^# WARNING/,$$d' requirements-dev.lock && rm requirements-dev.lock.bak
	@! grep -qE '^(nvidia|cuda|triton)-?' requirements-dev.lock || { echo "make lock: that was PyTorch's CUDA build. Point pip at its CPU build and run again."; exit 1; }

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
