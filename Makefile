# Photochrom. `make demo` colours the example photographs; `make test` runs every check.
# Another interpreter: make test PYTHON=python3.12

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
WEB    := tests/conformance/web/node_modules
NODE   := frontend/node_modules
PAGE   := src/photochrom/web/static/index.html
SITE   := build/site/index.html
SOURCES := src tests benchmarks docs integrations hatch_build.py

.DEFAULT_GOAL := help
.PHONY: help demo studio page site pictures test lint bench bench-quality bench-documents manual docs dist lock clean
.DELETE_ON_ERROR:

help:
	@echo "make demo      colour the photographs of examples/ into build/demo/, and build the studio's page"
	@echo "make studio    open the studio: colour a photograph by hand, in the browser"
	@echo "make site      build the studio as a page that needs no server, into build/site/"
	@echo "make test      install what the tests need, then run the linters, the types and the tests"
	@echo "make lint      the linters and the types alone"
	@echo "make bench     run all benchmarks and write docs/measurements.md; bench-quality the network's colours alone"
	@echo "make pictures  draw the documents' pictures anew, after new weights"
	@echo "make manual    write the manual and the shells' completion of docs/manual/ anew, after new options"
	@echo "make docs      build the documents as a site into build/docs/site/, and check their links"
	@echo "make dist      build the packages into dist/ and check them"
	@echo "make lock      resolve the requirements*.lock files anew"
	@echo "make clean     remove what these made"

demo: $(VENV)/.core
	@$(BIN)/photochrom colorize examples/*.jpg -o build/demo --overwrite
	@echo "The colour photographs are in build/demo/"
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory page && echo "To colour one by hand: make studio"; \
	else echo "The studio, for colouring by hand, needs Node.js 20.19 or newer (with npm); then: make studio"; fi

studio: $(VENV)/.core page
	@$(BIN)/photochrom studio

page: $(PAGE)

site: $(SITE)
	@echo "The studio without a server is in build/site/. To look at it: $(PYTHON) -m http.server -d build/site"

pictures: $(VENV)/.dev
	@for script in docs/images/*.py; do $(BIN)/python $$script || exit 1; done
	@echo "The pictures are in docs/images/"

test: lint page $(WEB)/.installed $(VENV)/.browser
	@echo "== the page's types, style and tests"
	@npm run --silent --prefix frontend check || { echo "make test: the page's checks failed, see above."; exit 1; }
	@echo "== pytest"
	@$(BIN)/pytest || { echo "make test: some tests failed, see above. One alone: $(BIN)/pytest PATH::NAME"; exit 1; }

lint: $(VENV)/.dev
	@echo "== ruff"
	@$(BIN)/ruff check $(SOURCES) || { echo "make lint: ruff found faults. Many mend themselves: $(BIN)/ruff check --fix"; exit 1; }
	@$(BIN)/ruff format --check $(SOURCES) || { echo "make lint: unformatted files. Mend with: $(BIN)/ruff format $(SOURCES)"; exit 1; }
	@echo "== mypy"
	@$(BIN)/mypy || { echo "make lint: mypy found wrong types, see above."; exit 1; }
	@for platform in win32 darwin; do $(BIN)/mypy --platform $$platform --cache-dir .mypy_cache/$$platform src \
	|| { echo "make lint: that is for $$platform alone: a name that the system does not have, see above."; exit 1; }; done
	@echo "== codespell"
	@$(BIN)/codespell || { echo "make lint: misspelt words. Mend with: $(BIN)/codespell -w"; exit 1; }

# Figures go to docs/measurements.json, the documents are written from it. Those that judge colours need a folder of colour
# photographs: make bench PHOTOGRAPHS=/path/to/photographs
REPORT := $(BIN)/python benchmarks/report.py $(if $(PHOTOGRAPHS),--photographs "$(PHOTOGRAPHS)")

bench: $(VENV)/.dev $(PAGE) $(SITE)
	@$(REPORT)

bench-quality: $(VENV)/.dev
	@$(REPORT) evaluation

bench-documents: $(VENV)/.dev
	@$(REPORT) --documents-only

manual: $(VENV)/.core
	@$(BIN)/python docs/manual.py

docs: $(VENV)/.dev
	@$(BIN)/python docs/build.py
	@echo "The documents are in build/docs/site/index.html"

# With the locked hatchling, so the same sources give the same bytes; and the page is never an old one.
dist: $(VENV)/.core
	@rm -rf dist $(dir $(PAGE))
	@$(BIN)/python -m hatchling build -d dist
	@$(PYTHON) -m venv build/twine && build/twine/bin/python -m pip --quiet install twine
	@build/twine/bin/twine check --strict dist/*

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

# The studio's page, for photochrom/web. Its stamps are files that npm and Vite write anyway.
$(PAGE): $(NODE)/.package-lock.json $(shell find frontend/src frontend/public frontend/index.html frontend/*.ts -type f 2>/dev/null)
	@echo "== building the studio's page"
	@npm run --silent --prefix frontend build -- --logLevel warn || { echo "make: the studio's page could not be built, see above."; exit 1; }
	@touch $@

# The studio with the network in the page, for any web server.
$(SITE): $(NODE)/.package-lock.json $(shell find frontend/src frontend/public frontend/*.ts src/photochrom/models/data -type f 2>/dev/null)
	@echo "== building the studio without a server"
	@npm run --silent --prefix frontend build:site -- --logLevel warn || { echo "make: the studio without a server could not be built, see above."; exit 1; }
	@touch $@

# Not `npm ci`: the lock names Biome's program for Linux alone, and npm 11 refuses a lock without those of other systems.
$(NODE)/.package-lock.json: frontend/package-lock.json
	@command -v npm >/dev/null || { echo "make: no 'npm' here. Install Node.js 20.19 or newer (with npm)"; exit 1; }
	@echo "== installing what the studio's page is built with"
	@npm install --no-save --silent --no-audit --no-fund --ignore-scripts --prefix frontend || { echo "make: npm could not install the page's packages. Is the npm registry within reach?"; exit 1; }
	@touch $@

# A browser for tests/browser: the system's Chromium, or the one that Playwright brings.
$(VENV)/.browser: $(VENV)/.dev
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || { \
		echo "== installing Chromium for the tests"; \
		as_root=$$([ "$$(id -u)" = 0 ] || echo "sudo -n"); \
		{ command -v apt-get >/dev/null && $$as_root apt-get -qq update && \
			DEBIAN_FRONTEND=noninteractive $$as_root apt-get -qq install -y chromium >/dev/null; } || \
		$(BIN)/playwright install chromium || \
		{ echo "make test: no browser, and none could be installed. Install Chromium, such as: sudo apt install chromium"; exit 1; }; }
	@touch $@

# onnxruntime-web, in which the tests run the embedded network as a browser would.
$(WEB)/.installed: tests/conformance/web/package-lock.json
	@command -v npm >/dev/null || { echo "make: no 'npm' here. Install Node.js 20.19 or newer (with npm)"; exit 1; }
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
	@$(PIP_COMPILE) --extra tiff --extra heif --extra train --extra eval --extra video --extra remote --extra fast --extra ray --extra dev --unsafe-package torch \
		--constraint requirements-torch.txt --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml
	@sed -i.bak '/^# WARNING/,$$d' requirements-dev.lock && rm requirements-dev.lock.bak
	@! grep -qE '^(nvidia|cuda|triton)-?' requirements-dev.lock || { echo "make lock: that was PyTorch's CUDA build. Point pip at its CPU build and run again."; exit 1; }

clean:
	rm -rf $(VENV) $(NODE) $(WEB) $(dir $(PAGE)) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
