# make play    install what is missing, build, play          make test    the same, and every test
# make demo    render the demo tune to demo.wav              make soak    the long runs of the same tests
# make bench   Kairos and its peers, side by side            make lint    the source's form
# make install to PREFIX (/usr/local)

PREFIX ?= /usr/local
SWIFT_BUILD = swift build -c release --product kairos

.PHONY: play test soak bench demo build lint install packages test-packages

play: build
	@scripts/play

build: packages
	@$(SWIFT_BUILD)

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

bench: build
	@scripts/install Benchmarks/packages.txt
	@Benchmarks/run

lint:
	@swift format lint --strict --recursive Package.swift Sources Tests

install: build
	install -D .build/release/kairos $(DESTDIR)$(PREFIX)/bin/kairos
	mkdir -p $(DESTDIR)$(PREFIX)/share/kairos
	cp -R Patches Mappings $(DESTDIR)$(PREFIX)/share/kairos/
