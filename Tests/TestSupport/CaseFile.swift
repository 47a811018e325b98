import Foundation

/// Cases that are kept as text: blocks of lines with an empty line between them.
public enum CaseFile {
    /// The lines of each block of a file in `Corpora`, remarks (`// …`) left out. A file that cannot be read ends the
    /// tests: without cases they would all pass.
    public static func blocks(of path: String) -> [[String]] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appendingPathComponent("Corpora").appendingPathComponent(path)
        guard let text = try? String(contentsOf: file, encoding: .utf8) else {
            preconditionFailure("\(file.path) cannot be read")
        }
        return text.split(separator: "\n\n").map { block in
            block.split(separator: "\n").filter { !$0.hasPrefix("// ") }.map(String.init)
        }
    }
}
