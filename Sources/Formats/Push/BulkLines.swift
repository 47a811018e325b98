import Bytes
import Records

/// Elasticsearch's bulk format: a line that names an action, then, for most actions, a line with the document.
///
/// Documents are handed on as they are; `create` and `index` both store, `update` and `delete` are refused, since
/// records never change.
public struct BulkLines: Sendable {
    /// What one action of the request came to.
    public enum Item: UInt8, Sendable {
        case create, index, update, delete
        /// A line that is no action.
        case unknown
        /// An action without a document.
        case missing

        var takesDocument: Bool { self != .delete && self != .unknown }
        public var stores: Bool { self == .create || self == .index }
    }

    /// One an action, in order.
    public private(set) var items: [Item] = []
    private var splitter = LineSplitter()
    private var waitsForDocument = false

    public init() {}

    /// Takes more of the body, in pieces of any size, and appends the documents to be stored, a line each. O(bytes).
    public mutating func feed(_ bytes: RawSpan, into documents: inout [UInt8]) {
        var offset = 0
        while offset < bytes.byteCount {
            switch splitter.next(bytes, &offset, window: JSONLinesParser.windowBytes) {
            case .lines(let range): readLines(bytes.slice(range.lowerBound, range.count), into: &documents)
            case .joined(let line): readLines(line.rawSpan, into: &documents)
            case .oversized(let sample): readOversized(sample, into: &documents)
            case .partial: return
            }
        }
    }

    /// Ends the body: a last line without a line feed counts.
    public mutating func finish(into documents: inout [UInt8]) {
        switch splitter.takeRest() {
        case .joined(let line): readLines(line.rawSpan, into: &documents)
        case .oversized(let sample): readOversized(sample, into: &documents)
        case .lines, .partial: break
        }
        if waitsForDocument { items[items.count - 1] = .missing }
    }

    private mutating func readLines(_ lines: RawSpan, into documents: inout [UInt8]) {
        var start = 0
        while start < lines.byteCount, let end = firstIndex(of: .lineFeed, in: lines, from: start) {
            let line = lines.slice(start, end + 1 - start)
            start = end + 1
            if !waitsForDocument {
                if isBlankLine(line.slice(0, line.byteCount - 1)) { continue }
                let item = Self.action(line)
                items.append(item)
                waitsForDocument = item.takesDocument
                continue
            }
            waitsForDocument = false
            if isBlankLine(line.slice(0, line.byteCount - 1)) {
                items[items.count - 1] = .missing
            } else if items[items.count - 1].stores {
                documents.append(copying: line)
            }
        }
    }

    /// A document over the limit is handed on as what it is, for the parser to refuse.
    private mutating func readOversized(_ sample: [UInt8], into documents: inout [UInt8]) {
        guard waitsForDocument else { return items.append(.unknown) }
        waitsForDocument = false
        guard items[items.count - 1].stores else { return }
        documents.append(contentsOf: Array(sample.prefix { $0 != .lineFeed }))
        documents.append(.lineFeed)
    }

    /// The action is the only key of the line's object.
    private static func action(_ line: RawSpan) -> Item {
        var place = 0
        while place < line.byteCount, isJSONBlank(line[place]) { place += 1 }
        guard place < line.byteCount, line[place] == .openBrace else { return .unknown }
        place += 1
        while place < line.byteCount, isJSONBlank(line[place]) { place += 1 }
        guard place < line.byteCount, line[place] == .quote,
            let end = firstIndex(of: .quote, in: line, from: place + 1)
        else { return .unknown }
        let name = line.slice(place + 1, end - place - 1)
        let known: [(String, Item)] = [
            ("create", .create), ("index", .index), ("update", .update), ("delete", .delete),
        ]
        return known.first { name.equals(ByteString($0.0).bytes.rawSpan) }?.1 ?? .unknown
    }
}
