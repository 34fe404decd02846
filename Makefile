# `make demo` and `make test` need Python ≥ 3.11 and make; they set up everything else in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
DEMO := demo
QUICKSTART := quickstart

.PHONY: demo studio quickstart test check docs setup clean

# Write a page with images of the shipped models; the last line is the path of the page.
demo: $(VENV)/core
	@$(BIN)/scgan models
	@echo "open them in the studio: make studio"
	@$(BIN)/scgan show --out $(DEMO)/page.html --overwrite

# Open the studio with the shipped models; Ctrl-C ends it.
studio: $(VENV)/studio
	$(BIN)/scgan studio faces fashion earth

# Train a model in minutes on drawn faces; the last line is the path of a page about it. Run it again to resume after a
# stop; `make clean` removes everything.
quickstart: $(VENV)/core
	@test -d $(QUICKSTART)/toyfaces || \
		$(BIN)/scgan prepare toyfaces --count 2400 --size 64 --out $(QUICKSTART)/toyfaces
	@$(BIN)/scgan train --out $(QUICKSTART)/run $$(test -d $(QUICKSTART)/run && echo --resume || \
		echo --data $(QUICKSTART)/toyfaces --recipe cpu --config quickstart.yaml)
	@$(BIN)/scgan evaluate $(QUICKSTART)/run --data $(QUICKSTART)/toyfaces --out $(QUICKSTART)/run/scores.json --overwrite
	@$(BIN)/scgan report $(QUICKSTART)/run --data $(QUICKSTART)/toyfaces --out $(QUICKSTART)/page.html --overwrite

test: $(VENV)/all
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: $(VENV)/all
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# Build the documentation as a site that needs no internet; the last line is the path of its first page.
docs: $(VENV)/docs
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo $(abspath build/site/index.html)

setup: $(VENV)/all

# torch is installed first and pinned: an open range can pull in several gigabytes of CUDA.
$(VENV)/core: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "scgan needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) torch
	$(INSTALL) -e '.[tensorboard,onnx]'
	@touch $@

$(VENV)/studio: $(VENV)/core
	$(INSTALL) -e '.[studio]'
	@touch $@

$(VENV)/docs: $(VENV)/core
	$(INSTALL) -e '.[docs]'
	@touch $@

$(VENV)/all: $(VENV)/core
	$(INSTALL) -e '.[landmarks,eval,video,studio,plots,onnx,openvino,hub,deepfashion,earth,annotations,tensorboard,cluster,parser,datasets,webdataset,docs,dev]'
	@touch $@

clean:
	rm -rf $(VENV) $(DEMO) $(QUICKSTART)
