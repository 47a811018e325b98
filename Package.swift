// swift-tools-version: 6.2
import Foundation
import PackageDescription

/// One row a module, lowest level first. A module may import only modules above it in this list that stand on a
/// lower level; `Tests/HouseRulesTests` reads the sources and fails on any other import.
struct Module {
    var name: String
    var level: Int
    var uses: [String] = []
    var libraries: [Target.Dependency] = []
}

let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let allModules: [Module] = [
    Module(name: "Bytes", level: 1, uses: ["CKernels"]),
    Module(name: "Statistics", level: 1),
    Module(name: "Machine", level: 2, uses: ["Bytes"]),
    Module(name: "Records", level: 2, uses: ["Bytes"]),
    Module(name: "Formats", level: 3, uses: ["Bytes", "Records", "CKernels", "CZstd", "CLZ4", "CZlib"]),
    Module(name: "Templates", level: 3, uses: ["Bytes", "Records", "CKernels"]),
    Module(name: "QueryLanguage", level: 3, uses: ["Bytes", "Records"]),
    Module(name: "Deviations", level: 4, uses: ["Bytes", "Statistics", "Records", "Templates"]),
    Module(name: "Traces", level: 3, uses: ["Bytes", "Records"]),
    Module(name: "Segments", level: 4, uses: ["Bytes", "Machine", "Records", "Templates", "Traces", "CZstd", "CLZ4"]),
    Module(name: "Corpora", level: 3, uses: ["Bytes", "Records"]),
    Module(name: "Journal", level: 5, uses: ["Bytes", "Machine", "Records"]),
    Module(
        name: "Alerts", level: 6, uses: ["Bytes", "Machine", "Records", "QueryLanguage", "Deviations"],
        libraries: [yams]),
    Module(
        name: "Intake", level: 6, uses: ["Bytes", "Machine", "Records", "Formats"],
        libraries: [nioCore, nioPosix, serviceLifecycle, logging]),
    Module(
        name: "Store", level: 6,
        uses: ["Bytes", "Machine", "Records", "Traces", "Segments", "Journal"]),
    Module(name: "Search", level: 6, uses: ["Bytes", "Records", "Templates", "QueryLanguage", "CRE2"]),
    Module(
        name: "Web", level: 8,
        uses: [
            "Bytes", "Machine", "Records", "Formats", "Intake", "Store", "QueryLanguage", "Search", "Deviations",
            "Alerts",
        ],
        libraries: [hummingbird, asyncHTTPClient, serviceLifecycle, logging]),
]

// ---- while modules are being written in separate trees, a tree declares only those that it holds ----
let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
func holds(_ folder: String) -> Bool { FileManager.default.fileExists(atPath: root + "/" + folder + "/.") }
let modules = allModules.filter { holds("Sources/\($0.name)") }
let present = Set(
    modules.map(\.name) + ["CKernels", "CZstd", "CLZ4", "CZlib", "CRE2"].filter { holds("Sources/\($0)") })

let strict: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableExperimentalFeature("Lifetimes"),
    .swiftLanguageMode(.v6),
]

/// Files that a module carries inside the binary, as byte arrays in `PackageResources`.
let embedded = ["Web": ["Page"], "Corpora": ["Scenarios"]]

var targets: [Target] = []
if present.contains("CKernels") { targets.append(.target(name: "CKernels", cSettings: [.unsafeFlags(["-O3"])])) }
if present.contains("CZstd") {
    targets.append(.systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]))
}
if present.contains("CLZ4") {
    targets.append(.systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]))
}
if present.contains("CZlib") {
    targets.append(.systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]))
}
if present.contains("CRE2") {
    targets.append(
        .target(
            name: "CRE2", cxxSettings: [.unsafeFlags(["-O2", "-std=c++17"])], linkerSettings: [.linkedLibrary("re2")]))
}
for module in modules {
    targets.append(
        .target(
            name: module.name,
            dependencies: module.uses.filter(present.contains).map { .byName(name: $0) } + module.libraries,
            resources: embedded[module.name, default: []].map { .embedInCode($0) },
            swiftSettings: strict))
    if holds("Tests/\(module.name)Tests") {
        targets.append(
            .testTarget(
                name: "\(module.name)Tests",
                dependencies: modules.filter { $0.level <= module.level }.map { .byName(name: $0.name) },
                swiftSettings: strict))
    }
}
targets.append(.testTarget(name: "HouseRulesTests", swiftSettings: strict))
if holds("Sources/plumb") {
    targets.append(
        .executableTarget(
            name: "plumb",
            dependencies: modules.map { .byName(name: $0.name) } + [
                argumentParser, serviceLifecycle, logging, asyncHTTPClient,
            ],
            swiftSettings: strict))
}

var dependencies: [Package.Dependency] = []
if present.contains("Alerts") || holds("Sources/plumb") {
    dependencies += [.package(url: "https://github.com/jpsim/Yams", from: "6.2.2")]
}
if present.contains("Intake") || present.contains("Web") || holds("Sources/plumb") {
    dependencies += [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ]
}
if present.contains("Web") || holds("Sources/plumb") {
    dependencies += [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ]
}

let package = Package(name: "plumbline", dependencies: dependencies, targets: targets)
