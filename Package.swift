// swift-tools-version: 6.2
import PackageDescription

/// One row a module, lowest level first. A module may import only modules that stand on a lower level and that its row
/// lists; `Tests/HouseRulesTests` reads the sources and fails on any other import.
struct Module {
    var name: String
    var level: Int
    var uses: [String] = []
    var libraries: [Target.Dependency] = []
    /// A folder of files that the module carries inside the binary, as byte arrays in `PackageResources`.
    var embeds: String? = nil
    var isTested = true
}

let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let modules: [Module] = [
    Module(name: "Bytes", level: 1, uses: ["CKernels"]),
    Module(name: "Statistics", level: 1, uses: ["CKernels"]),
    Module(name: "Machine", level: 2, uses: ["Bytes", "CKernels"]),
    Module(name: "Records", level: 2, uses: ["Bytes"]),
    Module(name: "Formats", level: 3, uses: ["Bytes", "Records", "CKernels", "CZstd", "CLZ4", "CZlib"]),
    Module(name: "Templates", level: 3, uses: ["Bytes", "Records"]),
    Module(name: "Traces", level: 3, uses: ["Bytes", "Records"]),
    Module(name: "QueryLanguage", level: 3, uses: ["Bytes", "Records", "CRE2"]),
    Module(name: "Corpora", level: 3, uses: ["Bytes", "Records"], embeds: "Scenarios"),
    Module(
        name: "Segments", level: 4, uses: ["Bytes", "Machine", "Records", "Templates", "Traces", "CZstd", "CLZ4"]),
    Module(name: "Deviations", level: 4, uses: ["Bytes", "Statistics", "Records", "Templates"]),
    Module(name: "Journal", level: 5, uses: ["Bytes", "Machine", "Records"]),
    Module(name: "Store", level: 6, uses: ["Bytes", "Machine", "Records", "Traces", "Segments", "Journal"]),
    Module(
        name: "Search", level: 6, uses: ["Bytes", "Machine", "Records", "Templates", "QueryLanguage", "CRE2"]),
    Module(
        name: "Intake", level: 6, uses: ["Bytes", "Machine", "Records", "Formats"],
        libraries: [nioCore, nioPosix, serviceLifecycle, logging]),
    Module(name: "Alerts", level: 6, uses: ["Bytes", "Machine", "Records", "QueryLanguage"], libraries: [yams]),
    Module(
        name: "Web", level: 8,
        uses: [
            "Bytes", "Machine", "Records", "Formats", "Traces", "Segments", "QueryLanguage", "Deviations", "Store",
            "Search",
            "Intake", "Alerts",
        ],
        libraries: [hummingbird, hummingbirdCore, httpTypes, nioHTTPTypes, nioCore, serviceLifecycle, logging],
        embeds: "Page", isTested: false),
]

let strict: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableExperimentalFeature("Lifetimes"),
    .swiftLanguageMode(.v6),
]

/// Doors to C: kernels of our own, and the system's libraries through their pkg-config files.
let doors: [Target] = [
    .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(
        name: "CRE2", cxxSettings: [.unsafeFlags(["-O2", "-std=c++17"])], linkerSettings: [.linkedLibrary("re2")]),
]

let libraries: [Target] = modules.map { module in
    .target(
        name: module.name, dependencies: module.uses.map { .byName(name: $0) } + module.libraries,
        resources: module.embeds.map { [.embedInCode($0)] } ?? [], swiftSettings: strict)
}

/// A module's tests may use every module up to its level.
let tests: [Target] = modules.filter(\.isTested).map { module in
    .testTarget(
        name: "\(module.name)Tests",
        dependencies: modules.filter { $0.level <= module.level }.map { .byName(name: $0.name) } + ["TestSupport"],
        swiftSettings: strict)
}

let package = Package(
    name: "plumbline",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: doors + libraries + tests + [
        .executableTarget(
            name: "plumb",
            dependencies: modules.map { .byName(name: $0.name) } + [
                argumentParser, asyncHTTPClient, hummingbird, logging, nioCore, nioHTTP1, nioPosix, serviceLifecycle,
                unixSignals, yams,
            ],
            swiftSettings: strict),
        .testTarget(name: "HouseRulesTests", swiftSettings: strict),
        .target(
            name: "TestSupport", dependencies: ["Statistics"], path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(
            name: "WholePathTests", dependencies: ["plumb", "Bytes", "TestSupport"], swiftSettings: strict),
    ])
