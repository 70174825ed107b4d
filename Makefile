# Everything a newcomer types. Needs Python 3.11 or newer with pip, and make; uv is fetched when missing.
# `pip --target` works even where the system's Python refuses installs, and touches nothing outside.
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
PYTHON ?= python3
EVERYTHING := --frozen --all-groups --extra train --extra serve
RUN := $(UV) run $(EVERYTHING)
DEMO ?= demo

.DEFAULT_GOAL := help
.PHONY: help setup demo serve bento advisories sbom docs figures test mutants notebooks promises attack bench bench-city check fix clean

help:  ## what there is to type
	@sed -n 's/^\([a-z-]*\):.*## /make \1|/p' $(MAKEFILE_LIST) | column -t -s '|' 2>/dev/null || grep '##' $(MAKEFILE_LIST)

.tools/bin/uv:
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --target .tools uv

setup: .venv/.complete  ## fetch what the project needs into .venv

.venv/.complete: uv.lock pyproject.toml | $(UV)
	$(UV) sync $(EVERYTHING) --compile-bytecode
	touch $@

demo: setup  ## a made-up authority, from extract to lists and evidence, in $(DEMO)/
	$(RUN) python -m pathways demo $(DEMO)

test: setup  ## specs, properties, units, end to end (some 15 minutes on two cores)
	$(RUN) pytest -n 2 --dist loadgroup -m "not promise" tests

mutants: setup  ## small faults in the files that everything rests on: does a test see each? (FILES=models/places.py for some)
	$(RUN) python -m tests.mutation $(FILES)

notebooks: setup  ## run the notebooks on made-up data and render them into notebooks/html/
	$(RUN) python -m notebooks

promises: setup  ## simulations of what is promised, notebooks, MLflow environments (some 40 minutes)
	$(RUN) pytest -n 2 --dist loadgroup -m promise tests/promises tests/property tests/end_to_end
	$(RUN) python -m tests.audit_matrix docs/promise-matrix.md

serve: setup  ## the service on this machine, on the demo's made-up data (after make demo)
	$(RUN) python -m pathways serve --demo $(DEMO)

bento: setup  ## the service as a bento, to put into a container
	PATH="$(abspath $(dir $(UV))):$$PATH" BENTOML_DO_NOT_TRACK=True $(RUN) bentoml build

advisories: setup  ## known advisories of what is installed; says so where nobody can be asked
	$(RUN) python -m tests.house.advisories

sbom: setup  ## the software bill of materials (CycloneDX) of what serves, from uv.lock, checked
	$(UV) export --quiet --frozen --no-default-groups --extra serve --extra postgres --preview-features sbom-export --format cyclonedx1.5 --output-file sbom.cdx.json >/dev/null
	$(RUN) python -m tests.house.sbom sbom.cdx.json

docs: setup  ## the documentation as a site, into build/docs; any warning is a fault
	$(RUN) python -m sphinx -W --keep-going -q -b html docs build/docs

figures: setup  ## the figures of README and docs from the last make demo
	$(RUN) python -m docs.figures $(DEMO)

attack: setup  ## the service under very many generated requests, as every role
	PATHWAYS_EXAMPLES=100 $(RUN) pytest tests/unit/test_service_generated.py

bench: setup  ## speed, as ratios in one run
	$(RUN) python -m bench

bench-city: setup  ## a made-up city of 210,000 pupils from extract to lists, time and memory of each stage
	$(RUN) python -m bench.city

check: setup  ## ruff, format, types, the house rules
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy
	$(RUN) pytest tests/house

fix: setup  ## what ruff can mend by itself
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

clean:  ## remove what was made, but not your records
	rm -rf notebooks/work notebooks/html .venv .tools .pytest_cache .ruff_cache .mypy_cache .hypothesis bench/work
