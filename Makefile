# make demo         a real client falls back from HTTP/3 to TCP, with and without handover; JSON=1 prints JSON (default)
# make test         runs all tests on this kernel; without root, those that need the kernel are skipped
# make test-kernels runs the kernel's tests in VMs with Debian's kernels; as root. KERNELS="6.1 6.12" FILTER=REGEX
# make examples     builds and runs each of Examples/, with Swift for eBPF as a package of its own; as root
# make bench        measures the figures in README.md and updates them, in half an hour; QUICK=1 only tries it
# make microbench   measures what a connection, a record and a million endpoints cost; as root. ARGS='--filter "look.*"'
# make parity       compares programs in Swift and in C, by instructions and time; as root.
#                   CHECK=1 only compares instruction counts with the recorded ones, without root
# make fuzz         feeds damaged input to the parsers of objects and types, for 10 minutes; SECONDS=N changes that
# make docs         builds the documentation of Swift for eBPF in .build/docs, and compiles the code in it
# make lint         checks formatting, the syntax of scripts, and links and quoted code in the documentation
# make build        builds baton, baton-serve and baton-lab in .build/release
# make clean        removes everything that was built
# make help         prints this list
#
# Everything uses one configuration, so that nothing is compiled twice. Tests run one at a time, because many of them
# measure.

SWIFT_BUILD := swift build --configuration release
PRODUCTS := .build/release
FLAGS := $(if $(JSON),--json) $(ARGS)

.PHONY: demo test test-kernels examples bench microbench parity fuzz lint docs build clean bootstrap help

demo: build
	@$(PRODUCTS)/baton-lab demo $(FLAGS)

build: bootstrap
	@$(SWIFT_BUILD) --product baton >&2
	@$(SWIFT_BUILD) --product baton-serve >&2
	@$(SWIFT_BUILD) --product baton-lab >&2

bench: build
	@scripts/bootstrap bench
	@scripts/bench $(if $(QUICK),quick,$(RESULTS))

test: bootstrap
	@$(SWIFT_BUILD) --build-tests >&2
	@swift test --configuration release --skip-build --no-parallel

test-kernels:
	@scripts/bootstrap kernels
	@$(SWIFT_BUILD) --build-tests >&2
	@scripts/test-kernels $(addprefix --kernel ,$(KERNELS)) $(if $(FILTER),--filter '$(FILTER)') $(ARGS)

fuzz: bootstrap
	@$(SWIFT_BUILD) --build-tests >&2
	@BPF_FUZZ_SECONDS=$(or $(SECONDS),600) swift test --configuration release --skip-build --filter FuzzTests

examples: bootstrap
	@scripts/test-examples

parity: $(if $(CHECK),bootstrap)
	@[ -n "$(CHECK)" ] || [ "$$(id -u)" = 0 ] || \
	    { echo "make parity: needs root to load programs into the kernel; CHECK=1 doesn't" >&2; exit 1; }
	@$(SWIFT_BUILD) --product bpfc >&2
	@$(if $(CHECK),$(SWIFT_BUILD) --target Baton >&2)
	@Benchmarks/parity/parity.py $(if $(CHECK),--check) $(FLAGS)

microbench:
	@[ "$$(id -u)" = 0 ] || { echo "make microbench: needs root to load programs into the kernel" >&2; exit 1; }
	@scripts/bootstrap
	@cd Benchmarks && swift package benchmark --no-progress $(ARGS)

bootstrap:
	@scripts/bootstrap

lint:
	@swift format lint --strict --recursive Package.swift Plugins Sources Tests Examples Benchmarks
	@for script in scripts/bench scripts/bootstrap .ci/run scripts/check-headers scripts/check-lab-in-vm scripts/docs \
	    scripts/fresh/enter scripts/test-examples scripts/kernels/*-init; do bash -n $$script || exit 1; done
	@scripts/check-headers
	@scripts/check-docs
	@python3 -c 'import ast, pathlib, sys; [ast.parse(pathlib.Path(f).read_text(), f) for f in sys.argv[1:]]' \
	    scripts/fresh-machine scripts/lab-in-vm scripts/plot scripts/test-kernels scripts/test-under-load \
	    $$(git ls-files '*.py')
	@echo "lint: clean"

docs: bootstrap
	@scripts/docs

clean:
	@rm -rf .build

# The comment at the top, up to its first empty line.
help:
	@sed -n '/^#$$/q; s/^# //p' $(firstword $(MAKEFILE_LIST))
