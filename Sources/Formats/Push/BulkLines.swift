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
        /// An action without a document.
        case missing
        /// One whose document is over the limit of a record.
        case oversized

        var takesDocument: Bool { self != .delete }
        public var stores: Bool { self == .create || self == .index }
    }

    /// One an action, in order.
    public private(set) var items: [Item] = []
    private var splitter = LineSplitter()
    private var waitsForDocument = false

    public init() {}

    /// Takes more of the body, in pieces of any size, and appends the documents to be stored, a line each. O(bytes).
    /// Throws at a line that should name an action and does not, since nothing behind it can be told apart.
    public mutating func feed(_ bytes: RawSpan, into documents: inout [UInt8]) throws(PushError) {
        var offset = 0
        while offset < bytes.byteCount {
            switch splitter.next(bytes, &offset, window: JSONLinesParser.windowBytes) {
            case .lines(let range): try readLines(bytes.slice(range.lowerBound, range.count), into: &documents)
            case .joined(let line): try readLines(line.rawSpan, into: &documents)
            case .oversized: try readOversized()
            case .partial: return
            }
        }
    }

    /// Ends the body: a last line without a line feed counts.
    public mutating func finish(into documents: inout [UInt8]) throws(PushError) {
        switch splitter.takeRest() {
        case .joined(let line): try readLines(line.rawSpan, into: &documents)
        case .oversized: try readOversized()
        case .lines, .partial: break
        }
        if waitsForDocument { items[items.count - 1] = .missing }
    }

    private mutating func readLines(_ lines: RawSpan, into documents: inout [UInt8]) throws(PushError) {
        var start = 0
        while start < lines.byteCount, let end = firstIndex(of: .lineFeed, in: lines, from: start) {
            let line = lines.slice(start, end + 1 - start)
            start = end + 1
            if waitsForDocument {
                waitsForDocument = false
                take(line, into: &documents)
            } else if !isBlankLine(line.slice(0, line.byteCount - 1)) {
                try begin(Self.action(line))
            }
        }
    }

    private mutating func begin(_ item: Item?) throws(PushError) {
        guard let item else { throw PushError("line \(items.count + 1) of the actions names none") }
        guard items.count < Self.mostItems else { throw PushError("more than \(Self.mostItems) actions in a request") }
        items.append(item)
        waitsForDocument = item.takesDocument
    }

    /// A byte order mark in front of a document is no part of it.
    private mutating func take(_ line: RawSpan, into documents: inout [UInt8]) {
        let start = line.byteCount > 3 && startsWithByteOrderMark(line) ? 3 : 0
        if isBlankLine(line.slice(start, line.byteCount - 1 - start)) {
            items[items.count - 1] = .missing
        } else if line.byteCount - start > Limits.recordBytes {
            items[items.count - 1] = .oversized
        } else if items[items.count - 1].stores {
            documents.append(copying: line.slice(start, line.byteCount - start))
        }
    }

    private mutating func readOversized() throws(PushError) {
        guard waitsForDocument else { throw PushError("line \(items.count + 1) of the actions names none") }
        waitsForDocument = false
        items[items.count - 1] = .oversized
    }

    /// What one answer can list.
    private static let mostItems = 500_000

    /// The action is the only key of the line's object.
    private static func action(_ line: RawSpan) -> Item? {
        var place = 0
        while place < line.byteCount, isJSONBlank(line[place]) { place += 1 }
        guard place < line.byteCount, line[place] == .openBrace else { return nil }
        place += 1
        while place < line.byteCount, isJSONBlank(line[place]) { place += 1 }
        guard place < line.byteCount, line[place] == .quote,
            let end = firstIndex(of: .quote, in: line, from: place + 1)
        else { return nil }
        let name = line.slice(place + 1, end - place - 1)
        let known: [(String, Item)] = [
            ("create", .create), ("index", .index), ("update", .update), ("delete", .delete),
        ]
        return known.first { name.equals(ByteString($0.0).bytes.rawSpan) }?.1
    }
}
