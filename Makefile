# make play    install what is missing, build, play          make test    the same, and every test
# make demo    render the demo tune to demo.wav              make soak    the long runs of the same tests
# make bench   Kairos and its peers, side by side            make lint    the rules of the source
# make laws    what each module must keep, yours too
# make install to PREFIX (/usr/local); DESTDIR is put in front of it. make uninstall removes the same files.
#
# make test T=PATTERN runs the tests that match a regular expression; make test LIST=1 lists all.

PREFIX ?= /usr/local
export PREFIX DESTDIR

.PHONY: play test soak laws bench demo build build-all lint install uninstall packages test-packages reference

play: build
	@scripts/play

build: packages
	@swift build -c release --product kairos

# Beside the build for any processor, one for AVX-512; installed beside each other, the first becomes the second
# where it can.
build-all: build
	@scripts/build-avx512

demo: build
	@scripts/demo

packages:
	@scripts/install scripts/packages.txt

test-packages: packages
	@scripts/install scripts/test-packages.txt Tests/Machine/packages.txt

# Only what the command line of make says chooses tests; a variable T of the environment does not.
test: $(if $(LIST),,test-packages)
	@scripts/test $(if $(LIST),--list) $(if $(filter command,$(origin T)),"$$T")

soak: test-packages
	@KAIROS_SOAK=1 KAIROS_FUZZ_INPUTS=10000000 scripts/test $(if $(filter command,$(origin T)),"$$T")

# In the build folder of `make test`.
laws:
	@KAIROS_SANITIZER=realtime swift test -c release --scratch-path .build-test -Xswiftc -enable-testing \
		--filter KairosModulesTests

bench: build-all
	@scripts/install Benchmarks/packages.txt
	@Benchmarks/run

lint:
	@scripts/lint

# As root by sudo nothing is built: the compiler is in the PATH of the user, and so are the files that it writes.
install: $(if $(SUDO_USER),,build-all)
	@scripts/install-files install

uninstall:
	@scripts/install-files uninstall

# The pages of the documentation that are made from the declarations in the code; a test compares them.
reference: build
	@mkdir -p docs/reference
	@.build/release/kairos manual --markdown > docs/reference/commands.md
	@scripts/reference
