// swift-tools-version: 6.2
import PackageDescription

// One place says which processor everything is compiled for. `KAIROS_MARCH=native` overrides it.
#if arch(x86_64)
    let march = Context.environment["KAIROS_MARCH"] ?? "x86-64-v3"
    let swiftTarget: [SwiftSetting] = [.unsafeFlags(["-Xcc", "-march=\(march)"])]
#else
    let march = "arm64"
    let swiftTarget: [SwiftSetting] = []
#endif

let strict: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ] + swiftTarget

// The sanitizer watches the whole render in the tests (docs/decisions/0007-realtime-sanitizer.md).
let realtimeSanitizer: [LinkerSetting] =
    Context.environment["KAIROS_SANITIZER"] == "realtime"
    ? [.unsafeFlags(["-Xclang-linker", "-fsanitize=realtime"])] : []

// `memorySafe`: the compiler demands that unsafe expressions are marked; they stand in a few named types.
func library(_ name: String, _ needs: Target.Dependency..., memorySafe: Bool = false) -> Target {
    .target(
        name: name, dependencies: needs,
        swiftSettings: strict + (memorySafe ? [.strictMemorySafety()] : []))
}

// `computes`: its tests look at much sound, and take longer than compiling them optimised.
func test(
    _ name: String, _ needs: Target.Dependency..., support: Bool = true, computes: Bool = false
) -> Target {
    .testTarget(
        name: name, dependencies: needs + (support ? ["KairosTestSupport"] : []),
        swiftSettings: strict + (computes ? [] : [.unsafeFlags(["-Onone"])]),
        linkerSettings: realtimeSanitizer)
}

// What the tests under a sanitizer do not reach is not compiled for it (docs/decisions/0027-test-runner.md).
let leftOut: Set<String> =
    switch Context.environment["KAIROS_SANITIZER"] {
    case "realtime": ["kairos", "KairosBench"]
    case "thread":
        [
            "kairos", "KairosBench", "KairosOSC", "KairosTerminal", "KairosDSPTests", "KairosModulesTests",
            "KairosEngineTests", "KairosFilesTests", "KairosOSCTests", "KairosTerminalTests",
        ]
    default: []
    }

let package = Package(
    name: "kairos",
    products: leftOut.contains("kairos")
        ? []
        : [
            .executable(name: "kairos", targets: ["kairos"]),
            // What another program can contain (docs/embedding.md). It opens no devices.
            .library(
                name: "Kairos",
                targets: [
                    "KairosDSP", "KairosModules", "KairosControl", "KairosPatch", "KairosCompiler",
                    "KairosEngine", "KairosSession", "KairosFiles",
                ]),
        ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(name: "CALSA", pkgConfig: "alsa", providers: [.apt(["libasound2-dev"])]),
        .systemLibrary(name: "CJACK", pkgConfig: "jack", providers: [.apt(["libjack-jackd2-dev"])]),
        // No pkgConfig: SwiftPM refuses the flags in rtmidi.pc (-pthread, -D…) with a warning; none is needed.
        .systemLibrary(name: "CRtMidi", providers: [.apt(["librtmidi-dev"])]),
        .systemLibrary(name: "CLiblo", pkgConfig: "liblo", providers: [.apt(["liblo-dev"])]),
        .systemLibrary(name: "CSndFile", pkgConfig: "sndfile", providers: [.apt(["libsndfile1-dev"])]),
        // For the baseline processor: it is what tells an older one, before anything else runs.
        .target(name: "CRealtime", cSettings: [.define("KAIROS_MARCH", to: "\"\(march)\"")]),
        // Inlined where it is used, for the processor of that place.
        .target(name: "CLanes"),
        library("KairosTerminal"),
        library("KairosDSP", "CLanes"),
        library("KairosModules", "KairosDSP"),
        library("KairosControl", "KairosDSP", memorySafe: true),
        library("KairosPatch", "KairosDSP", "KairosControl", memorySafe: true),
        library("KairosCompiler", "KairosDSP", "KairosControl", "KairosPatch", memorySafe: true),
        library("KairosEngine", "KairosDSP", "KairosControl", "KairosPatch", "KairosCompiler", "CRealtime"),
        library(
            "KairosSession", "KairosDSP", "KairosControl", "KairosPatch", "KairosCompiler", "KairosEngine",
            "CRealtime", memorySafe: true),
        library(
            "KairosFiles", "KairosDSP", "KairosControl", "KairosPatch", "CSndFile",
            .product(name: "Yams", package: "Yams"), memorySafe: true),
        library(
            "KairosDevices", "KairosDSP", "KairosControl", "KairosEngine", "CRealtime", "CALSA", "CJACK",
            "CRtMidi",
            .product(name: "Logging", package: "swift-log")),
        library(
            "KairosOSC", "KairosDSP", "KairosControl", "KairosPatch", "KairosCompiler", "KairosEngine",
            "KairosSession", "CRealtime", "CLiblo", memorySafe: true),
        // Measurements for the command line; not part of the library.
        library(
            "KairosBench", "KairosDSP", "KairosControl", "KairosPatch", "KairosCompiler", "KairosEngine",
            "KairosSession", "CRealtime"),
        .executableTarget(
            name: "kairos",
            dependencies: [
                "KairosDSP", "KairosModules", "KairosControl", "KairosPatch", "KairosCompiler",
                "KairosEngine", "KairosSession", "KairosFiles", "KairosDevices", "KairosOSC",
                "KairosTerminal", "KairosBench", "CRealtime",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .target(
            name: "KairosTestSupport",
            dependencies: [
                "KairosDSP", "KairosModules", "KairosControl", "KairosPatch", "KairosCompiler",
                "KairosEngine", "KairosSession", "KairosFiles",
            ],
            path: "Tests/KairosTestSupport", swiftSettings: strict),
        test("KairosDSPTests", "KairosDSP", computes: true),
        test("KairosModulesTests", "KairosModules", computes: true),
        test("KairosControlTests", "KairosControl"),
        test(
            "KairosEngineTests", "KairosEngine", "KairosModules", "KairosDevices", "KairosOSC", "CRealtime",
            "CALSA", computes: true),
        test("KairosFilesTests", "KairosFiles"),
        test("KairosOSCTests", "KairosOSC"),
        test("KairosDevicesTests", "KairosDevices", "CRealtime", "CALSA"),
        test("KairosTerminalTests", "KairosTerminal", support: false),
    ].filter { !leftOut.contains($0.name) }
)
