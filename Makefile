# make play    install what is missing, build, play          make test    the same, and every test
# make demo    render the demo tune to demo.wav              make soak    the long runs of the same tests
# make bench   Kairos and its peers, side by side            make lint    the source's form
# make laws    what each module must keep, yours too         make install to PREFIX (/usr/local)

PREFIX ?= /usr/local
SWIFT_BUILD = swift build -c release --product kairos
# The flags of AVX-512 as x86-64-v4 has it.
HAS_V4 = $(shell for flag in avx512f avx512bw avx512cd avx512dq avx512vl; do grep -qw $$flag /proc/cpuinfo || exit; done; echo yes)

.PHONY: play test soak laws bench demo build build-all lint install packages test-packages

play: build
	@scripts/play

build: packages
	@$(SWIFT_BUILD)

# Beside the build for any processor, one for AVX-512; installed beside each other, the first becomes the second
# where it can.
build-all: build
ifeq ($(HAS_V4),yes)
	@KAIROS_MARCH=x86-64-v4 $(SWIFT_BUILD) --scratch-path .build-v4
endif

demo: build
	@scripts/demo

packages:
	@scripts/install scripts/packages.txt

test-packages: packages
	@scripts/install scripts/test-packages.txt Tests/Machine/packages.txt

test: test-packages
	@scripts/test

soak: test-packages
	@KAIROS_SOAK=1 KAIROS_FUZZ_INPUTS=10000000 scripts/test

# In the build folder of `make test`.
laws:
	@KAIROS_SANITIZER=realtime swift test -c release --scratch-path .build-test -Xswiftc -enable-testing \
		--filter KairosModulesTests

bench: build-all
	@scripts/install Benchmarks/packages.txt
	@Benchmarks/run

lint:
	@swift format lint --strict --recursive Package.swift Sources Tests

install: build-all
	install -D .build/release/kairos $(DESTDIR)$(PREFIX)/bin/kairos
ifeq ($(HAS_V4),yes)
	install -D .build-v4/release/kairos $(DESTDIR)$(PREFIX)/bin/kairos-v4
endif
	mkdir -p $(DESTDIR)$(PREFIX)/share/kairos
	cp -R Patches Modules Mappings $(DESTDIR)$(PREFIX)/share/kairos/
