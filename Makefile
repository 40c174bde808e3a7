# Madang. Two commands: `make run` and `make test`. Everything lands in .venv and var/.
PORT ?= 8000
CHARTER ?= charters/upandgo.toml
PYTHON ?=
BIN := .venv/bin
export PORT

.PHONY: run test simulate test-foreign lint bench lock clean stop messages
run: .venv/runtime.done
	@$(BIN)/madang run $(CHARTER) --port $(PORT)

test: .venv/dev.done
	@bash tools/browser.sh
	@bash tools/accountants.sh
	$(BIN)/pytest -q -n 2 --dist loadgroup --no-loadscope-reorder

# A random co-op with everything going wrong: SEEDS of them from SEED on, DAYS each (docs/simulate.md).
SEEDS ?= 200
SEED ?= 1
DAYS ?= 20
simulate: .venv/dev.done
	@bash tools/accountants.sh
	$(BIN)/madang simulate --seed $(SEED) --seeds $(SEEDS) --days $(DAYS)

# Other people's programs judge ours, at length: formats, books, and 1,000 random elections a judge and method (minutes).
test-foreign: .venv/dev.done
	@bash tools/accountants.sh
	@bash tools/judges.sh
	@bash tools/subsonic.sh
	@bash tools/music.sh
	MADANG_ELECTIONS=1000 $(BIN)/pytest -q -n 2 --dist loadgroup tests/foreign

lint: .venv/dev.done
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.clean_tree

bench: .venv/dev.done
	@for file in $$(grep -l "^def main" bench/*.py); do echo "== $$file"; $(BIN)/python -m bench.$$(basename $$file .py); done

.venv/bin/python:
	@PYTHON="$(PYTHON)" bash tools/venv.sh

.venv/runtime.done: requirements/runtime.txt package-lock.json pyproject.toml | .venv/bin/python
	@echo "Installing what Madang needs (about a minute the first time) …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/runtime.txt
	@bash tools/self.sh
	@$(BIN)/python -m madang.web.assets install
	@touch $@

.venv/dev.done: .venv/runtime.done requirements/dev.txt
	@echo "Installing what the tests need …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

lock:
	cd requirements && for name in runtime dev; do ../$(BIN)/pip-compile -q --generate-hashes --strip-extras --allow-unsafe --no-header --no-annotate \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host -o $$name.txt $$name.in; done

stop:
	@for folder in var/*/; do $(BIN)/madang --data $$folder stop; done

clean: stop
	rm -rf var .venv node_modules madang/web/static/vendor
