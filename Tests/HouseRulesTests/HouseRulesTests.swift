import Testing

@Suite struct HouseRulesTests {
    @Test func importsPointDown() throws {
        let modules = try SourceTree.modules()
        #expect(modules.count >= 10, "the table in Package.swift was not understood")
        for file in try SourceTree.files(under: "Sources") {
            guard let own = modules[file.module] else { continue }
            for (index, line) in file.code.enumerated() {
                guard
                    let match = line.firstMatch(
                        of: #/^\s*(?:@\w+\s+)*(?:public |package |internal )?import (?:\w+ )?(\w+)/#),
                    let other = modules[String(match.1)]
                else { continue }
                #expect(
                    other.level < own.level, "\(file.path):\(index + 1) imports \(match.1), which is no lower level")
                #expect(
                    own.uses.contains(String(match.1)),
                    "\(file.path):\(index + 1): Package.swift does not list \(match.1)")
            }
        }
    }

    @Test func everyDependencyIsOnALowerLevelAndUsed() throws {
        let modules = try SourceTree.modules()
        let files = Dictionary(grouping: try SourceTree.files(under: "Sources"), by: \.module)
        for (name, module) in modules where files[name] != nil {
            for other in module.uses where modules[other] != nil {
                #expect(modules[other]!.level < module.level, "\(name) lists \(other), which is no lower level")
                let isImported = files[name, default: []].contains { file in
                    file.code.contains { $0.contains("import \(other)") }
                }
                #expect(isImported, "\(name) lists \(other) but imports it nowhere")
            }
        }
    }

    @Test(arguments: ["Sources", "Tests"])
    func filesAndLinesAreShort(folder: String) throws {
        for file in try SourceTree.files(under: folder) {
            #expect(file.lines.count <= 500, "\(file.path) has \(file.lines.count) lines")
            for (index, line) in file.lines.enumerated() where line.count > 120 {
                Issue.record("\(file.path):\(index + 1) has \(line.count) columns")
            }
        }
    }

    @Test func functionsAreShort() throws {
        for file in try SourceTree.files(under: "Sources") {
            for function in file.functions() where function.length > 70 {
                Issue.record("\(file.path):\(function.line) is a function of \(function.length) lines")
            }
        }
    }

    /// The checks above would pass on a scanner that finds nothing.
    @Test func theScannerSeesWhatItShould() {
        let text = """
            struct S {
                // func comment() {
                init(_ a: Int) {
                    let brace = "}" // }
                }
                public static func long<T>(_ t: T) -> Int {
                    if true { 1 } else { 2 }
                }
                func required()
            }
            """
        let code = SourceTree.blanked(text).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let functions = SourceTree.File(path: "", lines: code, code: code).functions()
        #expect(functions.map(\.line) == [3, 6])
        #expect(functions.map(\.length) == [3, 3])
    }

    /// What goes past `Machine` cannot be made to fail by a test.
    @Test(arguments: [
        (#"\bFileManager\b|\bFileHandle\b|\bfopen\(|\bopenat?\(|contentsOf: URL|\.write\(to: URL"#, "files"),
        (
            #"\bDate\(\)|\bDate\.now\b|\bclock_gettime\(|\bgettimeofday\(|ContinuousClock\(\)|SuspendingClock\(\)"#,
            "the clock"
        ),
        (
            #"\bSystemRandomNumberGenerator\b|\.random\(in: [^,)]*\)|\barc4random|\.randomElement\(\)|\.shuffled\(\)"#,
            "randomness"
        ),
        (#"\bThread\b\s*[({]|\bpthread_create\(|\bDispatchQueue\b|\bOperationQueue\b"#, "threads"),
    ])
    func onlyMachineTouches(pattern: String, what: String) throws {
        let expression = try Regex(pattern)
        for file in try SourceTree.files(under: "Sources") where file.module != "Machine" {
            for (index, line) in file.code.enumerated() where line.contains(expression) {
                Issue.record("\(file.path):\(index + 1) reaches \(what) past Machine: \(line)")
            }
        }
    }

    @Test func nothingIsSwitchedOff() throws {
        for folder in ["Sources", "Tests"] {
            for file in try SourceTree.files(under: folder) {
                for (index, line) in file.code.enumerated() {
                    #expect(!line.contains("@testable"), "\(file.path):\(index + 1): tests use the public interface")
                    #expect(!line.contains("swift-format-ignore"), "\(file.path):\(index + 1)")
                    #expect(!line.contains(".disabled("), "\(file.path):\(index + 1): a test is off")
                }
            }
        }
    }
}
