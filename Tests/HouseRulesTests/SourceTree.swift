import Foundation

/// The package as text: what the house rules are checked on.
struct SourceTree {
    struct File {
        /// Relative to the package, `Sources/Bytes/ByteReader.swift`.
        var path: String
        var lines: [String]
        /// The same lines with comments and the insides of string literals blanked out.
        var code: [String]

        /// `Bytes` of `Sources/Bytes/…`.
        var module: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
    }

    struct Module {
        var level: Int
        var uses: Set<String>
    }

    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func files(under folder: String) throws -> [File] {
        let base = root.appendingPathComponent(folder)
        guard let paths = FileManager.default.enumerator(atPath: base.path) else { return [] }
        return try paths.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.sorted().map { path in
            let text = try String(contentsOf: base.appendingPathComponent(path), encoding: .utf8)
            return File(path: folder + "/" + path, lines: lines(of: text), code: lines(of: blanked(text)))
        }
    }

    /// The table of modules in `Package.swift`, read as text, since a manifest cannot be imported.
    static func modules() throws -> [String: Module] {
        let text = try String(contentsOf: root.appendingPathComponent("Package.swift"), encoding: .utf8)
        let row = #/Module\(\s*name: "(?<name>\w+)",\s*level: (?<level>\d+)(?:,\s*uses: \[(?<uses>[^\]]*)\])?/#
        return Dictionary(
            uniqueKeysWithValues: text.matches(of: row).map { match in
                let uses = (match.uses ?? "").matches(of: #/"(\w+)"/#).map { String($0.1) }
                return (String(match.name), Module(level: Int(match.level)!, uses: Set(uses)))
            })
    }

    private static func lines(of text: String) -> [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }

    /// Swift with comments and string contents replaced by spaces, line breaks kept. Interpolations count as string.
    static func blanked(_ text: String) -> String {
        var output: [UInt8] = []
        let source = Array(text.utf8)
        var index = 0
        func at(_ offset: Int) -> UInt8 { index + offset < source.count ? source[index + offset] : 0 }
        func skip(_ count: Int) {
            for _ in 0..<count where index < source.count {
                output.append(source[index] == 10 ? 10 : 32)
                index += 1
            }
        }
        while index < source.count {
            if at(0) == UInt8(ascii: "/") && at(1) == UInt8(ascii: "/") {
                while index < source.count && source[index] != 10 { skip(1) }
            } else if at(0) == UInt8(ascii: "\"") {
                let triple = at(1) == UInt8(ascii: "\"") && at(2) == UInt8(ascii: "\"")
                let raw = output.last == UInt8(ascii: "#")
                skip(triple ? 3 : 1)
                while index < source.count {
                    if !raw && at(0) == UInt8(ascii: "\\") {
                        skip(2)
                    } else if triple ? (at(0) == 34 && at(1) == 34 && at(2) == 34) : at(0) == 34 {
                        skip(triple ? 3 : 1)
                        break
                    } else if !triple && at(0) == 10 {
                        break
                    } else {
                        skip(1)
                    }
                }
            } else {
                output.append(source[index])
                index += 1
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}

extension SourceTree.File {
    /// Functions with their line counts: from the line of `func`, `init` or `deinit` to that of the closing brace.
    func functions() -> [(line: Int, length: Int)] {
        let start = #/^\s*(?:@\w+(?:\([^)]*\))?\s+|\w+(?:\(\w+\))?\s+)*(?:func\s|init[?<(]|deinit\b)/#
        return code.indices.compactMap { first in
            guard code[first].firstMatch(of: start) != nil else { return nil }
            var depth = 0
            for line in first..<code.count {
                for character in code[line].utf8 {
                    if character == UInt8(ascii: "{") { depth += 1 }
                    if character == UInt8(ascii: "}") {
                        depth -= 1
                        if depth == 0 { return (first + 1, line - first + 1) }
                        if depth < 0 { return nil }  // a requirement of a protocol has no body
                    }
                }
            }
            return nil
        }
    }
}
