import Bytes
import Records

/// What `plumb patterns` prints: the template of every line of an input, and the templates.
public struct PatternReport: Sendable {
    /// The template number of each line, in order; 1 is the most frequent template.
    public var numbers: [Int32]
    /// The templates numbered as in `numbers`, the most frequent first.
    public var templates: [Template]

    /// Part of all lines, 0…1, that a template has.
    public func share(of template: Template) -> Double {
        numbers.isEmpty ? 0 : Double(template.count) / Double(numbers.count)
    }

    /// Mines lines that end in LF or CRLF; the last may lack its end. O(length).
    public init(lines input: RawSpan) {
        var miner = TemplateMiner()
        var shapes: [Int] = []
        Self.forEachLine(input) { line in
            let time = Timestamp(nanoseconds: Int64(shapes.count))
            shapes.append(miner.shape(of: line, time: time))
        }
        miner.consolidate()
        var templates = miner.templates
        var rankOf: [Int: Int32] = [:]
        for index in templates.indices {
            rankOf[templates[index].number] = Int32(index + 1)
            templates[index].number = index + 1
        }
        numbers = shapes.map { rankOf[miner.resolve($0), default: 0] }
        self.templates = templates
    }

    /// Calls `body` with each line of an input, without its end. O(length).
    public static func forEachLine(_ input: RawSpan, _ body: (RawSpan) -> Void) {
        var start = 0
        while start < input.byteCount {
            let newline = firstIndex(of: UInt8(ascii: "\n"), in: input, from: start) ?? input.byteCount
            let hasReturn = newline > start && input[newline - 1] == UInt8(ascii: "\r")
            body(input.slice(start, newline - start - (hasReturn ? 1 : 0)))
            start = newline + 1
        }
    }
}
