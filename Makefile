# make demo    a real client falls back from HTTP/3 to TCP, with and without handover; JSON=1 for one JSON object
# make test    everything, on the running kernel; as root, or the kernel's part is skipped
# make test-kernels  what touches the kernel, in VMs with Debian's kernels; as root. KERNELS="6.1 6.12" FILTER=REGEX
# make examples  builds and runs each of Examples/, from Swift for eBPF as a package of its own; as root
# make bench   measures what README.md quotes, half an hour, and brings it up to date; QUICK=1 only shows that it works
# make microbench  what a connection, a record and a million endpoints cost; as root. ARGS='--filter "look.*"'
# make parity  instructions and time of three programs in Swift, and of the same in C; as root
# make fuzz    damaged input for the readers of objects and types, for 10 minutes; SECONDS=N for other times
# make docs    articles and reference of Swift for eBPF, in .build/docs; compiles the code in them
# make lint    formatting, the syntax of scripts, links and copied code in the documentation
# make build   the two commands: .build/release/baton and .build/release/baton-lab
# make clean   removes what was built
#
# One configuration for all of it, so that nothing is compiled twice. Tests run one after the other: many of them measure.

SWIFT_BUILD := swift build --configuration release
PRODUCTS := .build/release
FLAGS := $(if $(JSON),--json) $(ARGS)

.PHONY: demo test test-kernels examples bench microbench parity fuzz lint docs build clean bootstrap

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

parity:
	@[ "$$(id -u)" = 0 ] || { echo "make parity: needs root, for it loads programs into the kernel" >&2; exit 1; }
	@$(SWIFT_BUILD) --product bpfc >&2
	@Benchmarks/parity/parity.py $(FLAGS)

microbench:
	@[ "$$(id -u)" = 0 ] || { echo "make microbench: needs root, for it loads programs into the kernel" >&2; exit 1; }
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
