# Plain make (3.81 and later: macOS has that one). What each target made is remembered by a stamp file
# inside the folder that it filled, so a second `make run` does nothing but start the server.

PYTHON ?= python3

VENV := .venv
BENCH := $(VENV)-bench
PY := $(VENV)/bin/python
# The lock names every package, so pip resolves nothing; all of them come as wheels, so nothing is compiled.
PIP := -m pip install --quiet --disable-pip-version-check --only-binary :all:
PIP_INSTALL := $(PY) $(PIP) --require-hashes --no-deps
LOCK := $(VENV)-lock/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
	-p 3.11 $(LOCK_FLAGS) pyproject.toml

PYTHON_SOURCES := $(wildcard app bench engine tests tools)
NODE := $(shell command -v node >/dev/null 2>&1 && command -v npm 2>/dev/null)
NODE_ABSENT := Node.js is absent: the checks of the JavaScript are left out.
# Where CI is set, leaving checks out silently would be a lie.
NODE_ABSENT_STATUS := $(if $(CI),1,0)

# PyPI's build for Linux brings several GB of CUDA with it; TORCH_FLAGS='--find-links FOLDER' takes another one.
TORCH ?= torch==2.13.0
TORCH_FLAGS ?=

.PHONY: help run run-lan test lint lint-python lint-js test-python test-js test-browser format bench bench-app lock clean

help:
	@echo 'make run      start ConvScope (HOST=127.0.0.1 PORT=8000)'
	@echo 'make run-lan  the same for a lecture hall: HTTP for all, HTTPS for cameras (PORT=8000 TLS_PORT=8443)'
	@echo 'make test     everything: lint, then unit, API, JavaScript and browser tests'
	@echo 'make lint     ruff and mypy; biome and tsc where Node.js is present'
	@echo 'make format   rewrite the sources in the house format'
	@echo 'make bench    the engine beside PyTorch, ONNX Runtime and OpenCV (TORCH_FLAGS=pip options for PyTorch)'
	@echo 'make bench-app  what a client and a reader wait for'
	@echo 'make lock     renew the lock files (LOCK_FLAGS=--upgrade for newer versions)'
	@echo 'make clean    remove what the other targets made'

# --- Environments -------------------------------------------------------------------------------------

$(VENV)/.made: tools/make_venv.sh
	@sh tools/make_venv.sh "$(PYTHON)" $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.made requirements.txt
	@echo 'Installing what ConvScope needs into $(VENV) …'
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.made requirements-dev.txt
	@echo 'Installing what the tests need into $(VENV) …'
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@

$(BENCH)/.made: tools/make_venv.sh
	@sh tools/make_venv.sh "$(PYTHON)" $(BENCH)
	@touch $@

# Two steps: PyTorch has builds by hardware, so no hash of one holds for all.
$(BENCH)/.bench: $(BENCH)/.made requirements-bench.txt
	@echo 'Installing the engines to compare with into $(BENCH) …'
	@$(BENCH)/bin/python $(PIP) --require-hashes --no-deps -r requirements-bench.txt
	@$(BENCH)/bin/python $(PIP) $(TORCH_FLAGS) $(TORCH)
	@touch $@

node_modules/.made: package.json package-lock.json .npmrc
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# --- Running ------------------------------------------------------------------------------------------

# Without HOST and PORT the server's own settings hold; it prints its address itself.
run: $(VENV)/.run
	@exec $(PY) -m app serve $(if $(HOST),--host "$(HOST)") $(if $(PORT),--port "$(PORT)")

run-lan: $(VENV)/.run
	@exec $(PY) -m app serve --lan $(if $(HOST),--host "$(HOST)") $(if $(PORT),--port "$(PORT)") \
		$(if $(TLS_PORT),--tls-port "$(TLS_PORT)")

# --- Checking -----------------------------------------------------------------------------------------

# One after the other, also under `make -j`: each takes all cores.
test:
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory test-python
	@$(MAKE) --no-print-directory test-js
	@$(MAKE) --no-print-directory test-browser

lint: lint-python lint-js

lint-python: $(VENV)/.dev
	$(PY) -m ruff check $(PYTHON_SOURCES)
	$(PY) -m ruff format --check $(PYTHON_SOURCES)
	$(PY) -m mypy

test-python: $(VENV)/.dev
	REDIS_SERVER="$$($(PY) tools/ensure_redis.py)" && export REDIS_SERVER && \
		$(PY) -m pytest -q --numprocesses auto --dist loadfile --ignore=tests/browser $(PYTEST_FLAGS)

# A process of its own: Playwright keeps an event loop running, which asyncio.run in other tests cannot bear.
# With TRY_AGAIN, what failed is tried once more, without others beside it; both tries are printed.
BROWSER_TESTS := $(PY) -m pytest -q tests/browser $(PYTEST_FLAGS)
test-browser: $(VENV)/.dev
	CHROMIUM="$$($(PY) tools/ensure_chromium.py)" && export CHROMIUM && \
		{ $(BROWSER_TESTS) --numprocesses auto \
		|| $(if $(TRY_AGAIN),$(BROWSER_TESTS) --last-failed --last-failed-no-failures none,false); }

ifneq ($(NODE),)

lint-js: node_modules/.made
	node_modules/.bin/biome ci --error-on-warnings .
	node_modules/.bin/tsc --project tsconfig.json
	node_modules/.bin/tsc --project tests/js/tsconfig.json

# Named one by one: what `node --test FOLDER` means differs between versions of Node.js.
test-js:
	@files=$$(find tests/js -name '*.test.js'); \
	if [ -z "$$files" ]; then echo 'There is no tests/js/*.test.js.'; exit 1; fi; \
	node --test $$files

else

lint-js test-js:
	@echo '$(NODE_ABSENT)'; exit $(NODE_ABSENT_STATUS)

endif

# --- Housekeeping -------------------------------------------------------------------------------------

format: $(VENV)/.dev
	$(PY) -m ruff check --fix-only --quiet $(PYTHON_SOURCES)
	$(PY) -m ruff format $(PYTHON_SOURCES)
ifneq ($(NODE),)
	$(MAKE) --no-print-directory node_modules/.made
	node_modules/.bin/biome check --write .
endif

bench: $(BENCH)/.bench
	$(BENCH)/bin/python -m bench rivals

bench-app: $(VENV)/.dev
	$(PY) -m bench app

$(VENV)-lock/.made: tools/make_venv.sh
	@sh tools/make_venv.sh "$(PYTHON)" $(VENV)-lock
	@$(VENV)-lock/bin/python -m pip install --quiet uv
	@touch $@

# The other locks are held to the versions of the first, so all environments run the same libraries.
lock: $(VENV)-lock/.made
	$(LOCK) --output-file requirements.txt
	$(LOCK) --group dev --constraint requirements.txt --output-file requirements-dev.txt
	$(LOCK) --group bench --constraint requirements.txt --output-file requirements-bench.txt
ifneq ($(NODE),)
	npm install --package-lock-only --no-audit --no-fund
endif

clean:
	rm -rf $(VENV) $(BENCH) $(VENV)-lock node_modules tests/browser/output .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find app bench engine tests tools -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
