import Bytes
import Records

/// Parses log lines of any known form into batches; told the form, or finding it from the first lines.
public struct LineParser: Sendable {
    private enum Engine: Sendable {
        case detecting([UInt8])
        case json(JSONLinesParser)
        case text(TextLinesParser)
    }

    private var engine: Engine
    private let options: ParseOptions
    private let joinsLines: Bool
    private var recordsToSkip = 0

    /// Bytes that are held back to find the form, at most.
    static let detectionBytes = 64 << 10

    /// Without a format it is found from the first lines, which then wait for 64 KiB or the end of the input.
    /// `joinsLines`: whether indented lines of plain text, and partial lines of containers, make one record with their
    /// neighbours; without it every line that is not blank is a record.
    public init(format: LineFormat? = nil, options: ParseOptions = ParseOptions(), joinsLines: Bool = true) {
        self.options = options
        self.joinsLines = joinsLines
        engine = format.map { Self.engine($0, options, joinsLines) } ?? .detecting([])
    }

    private static func engine(_ format: LineFormat, _ options: ParseOptions, _ joinsLines: Bool) -> Engine {
        format == .json
            ? .json(JSONLinesParser(options: options))
            : .text(TextLinesParser(format: format, options: options, joinsLines: joinsLines))
    }

    /// The form; nil while it is not known yet.
    public var format: LineFormat? {
        switch engine {
        case .detecting: nil
        case .json: .json
        case .text(let parser): parser.format
        }
    }

    /// Reads more input, in pieces of any size. `arrival` is in nanoseconds since the epoch. O(bytes).
    public mutating func feed(_ bytes: RawSpan, arrival: Int64) {
        // The engine is taken out while it works, so that its arrays are not copied.
        switch exchange(&engine, .detecting([])) {
        case .detecting(var held):
            held.append(copying: bytes)
            engine = .detecting(held)
            if held.count >= Self.detectionBytes { settle(held, arrival: arrival) }
        case .json(var parser):
            parser.feed(bytes, arrival: arrival)
            engine = .json(parser)
        case .text(var parser):
            parser.feed(bytes, arrival: arrival)
            engine = .text(parser)
        }
    }

    /// Ends the input: a last line without a line feed counts as a line.
    public mutating func finish(arrival: Int64) {
        if case .detecting(let held) = engine { settle(held, arrival: arrival) }
        switch exchange(&engine, .detecting([])) {
        case .detecting: break
        case .json(var parser):
            parser.finish(arrival: arrival)
            engine = .json(parser)
        case .text(var parser):
            parser.finish(arrival: arrival)
            engine = .text(parser)
        }
    }

    private mutating func settle(_ held: [UInt8], arrival: Int64) {
        engine = Self.engine(LineFormat.detect(held.rawSpan), options, joinsLines)
        skip(records: exchange(&recordsToSkip, 0))
        feed(held.rawSpan, arrival: arrival)
    }

    /// The rows at hand as a batch, or nil without any; call it after each feed until it answers nil.
    public mutating func takeBatch() -> RecordBatch? {
        var batch: RecordBatch?
        switch exchange(&engine, .detecting([])) {
        case .detecting(let held): engine = .detecting(held)
        case .json(var parser):
            batch = parser.takeBatch()
            engine = .json(parser)
        case .text(var parser):
            batch = parser.takeBatch()
            engine = .text(parser)
        }
        return batch
    }

    public var counts: ParseCounts {
        switch engine {
        case .detecting: ParseCounts()
        case .json(let parser): parser.counts
        case .text(let parser): parser.counts
        }
    }

    /// The examples of refused lines since the last call.
    public mutating func takeRejections() -> [Rejection] {
        switch engine {
        case .detecting: return []
        case .json(var parser):
            let taken = parser.takeRejections()
            engine = .json(parser)
            return taken
        case .text(var parser):
            let taken = parser.takeRejections()
            engine = .text(parser)
            return taken
        }
    }

    /// Passes over the next records: they are stored already.
    public mutating func skip(records: Int) {
        guard records > 0 else { return }
        switch engine {
        case .detecting: recordsToSkip += records
        case .json(var parser):
            parser.skip(records: records)
            engine = .json(parser)
        case .text(var parser):
            parser.skip(records: records)
            engine = .text(parser)
        }
    }
}
