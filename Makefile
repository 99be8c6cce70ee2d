# The course's commands. Each makes the environment in .venv first, if it is missing or out of date.
#   make grade   for each assignment: release it, grade the class in submitted/ (a demonstration class if there is
#                none), report; ASSIGNMENT=unet for one alone
#   make test    all tests; make test-fast leaves out those that start kernels
#   make evidence-stock   what stock nbgrader makes of the tests' attacks and faults; the attacks really run, see there
#   make bench   what grading costs beside stock nbgrader: 40 minutes on 2 cores, with nothing else running
#   make bench-train   what the notebook's pipeline and training are worth, beside the source documents' recipe: 12 minutes
#   make lab     open the course in JupyterLab
#   make figures draw the notebooks' diagrams again

PYTHON ?= python3
ASSIGNMENT ?= $(notdir $(wildcard source/*))
# requirements-gpu.txt on a Linux machine with an NVIDIA GPU: make REQUIREMENTS=requirements-gpu.txt lab
REQUIREMENTS ?= requirements.txt
# Tests run on so many processes at once; each takes about 3 GB.
PROCESSES ?= 2

environment := .venv
bin := $(environment)/bin
installed := $(environment)/.installed-$(notdir $(REQUIREMENTS))

.PHONY: grade test test-fast evidence-stock bench bench-train lab figures clean

grade: $(addprefix grade-,$(ASSIGNMENT))

grade-%: $(installed)
	$(bin)/python -m keras_autograder release $*
	$(bin)/python -m keras_autograder demonstration $*
	$(bin)/nbgrader autograde $*
	$(bin)/nbgrader generate_feedback $*
	$(bin)/python -m keras_autograder report $*

test: $(installed)
	$(bin)/ruff check .
	$(bin)/ruff format --check .
	$(bin)/mypy
	$(bin)/python -m pytest --numprocesses=$(PROCESSES) --dist=loadgroup

test-fast: $(installed)
	$(bin)/python -m pytest -m "not slow"

evidence-stock: $(installed)
	cd tests && ../$(bin)/python -m evidence.stock_nbgrader

bench: $(installed)
	$(bin)/python -m benchmarks.grading

bench-train: $(installed)
	$(bin)/python -m benchmarks.training --out docs/bench-training.json

lab: $(installed)
	$(bin)/jupyter lab --KernelManager.transport_encryption=auto

figures: $(installed)
	$(bin)/python -m figures

# Removing the environment is all there is to clean: marks and submissions are nobody's rubbish.
clean:
	rm -rf $(environment)

$(installed): requirements.txt requirements-gpu.txt constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(environment) || \
		{ echo "Python's venv module is incomplete; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	$(bin)/python -m pip install --quiet --upgrade pip
	$(bin)/python -m pip install --quiet -r $(REQUIREMENTS)
	$(bin)/python -m pip install --quiet -c requirements.txt -c constraints.txt -e '.[test]'
	touch $@
