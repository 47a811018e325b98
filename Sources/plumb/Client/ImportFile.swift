import Bytes
import Formats
import Machine
import Records

/// A log file of any known form, packed or not, read batch by batch.
struct ImportFile: ~Copyable {
    /// Names the file by what it holds, so that it is known again wherever it lies: its first 64 KiB and its size.
    let name: String
    private let path: String
    private var input: Input
    private var parser = LineParser()
    private var decompressor: Decompressor
    private var pending: [UInt8]
    private var readBytes = 0
    private let size: Int
    private var isAtEnd = false
    private var rowsToDrop = 0
    private let arrival = SystemClock().now()

    private static let headBytes = 64 << 10

    /// Opens a file and reads its beginning.
    static func open(_ path: String) throws -> ImportFile {
        var input = try Input(path)
        let first = try input.next()
        let size = input.size ?? 0
        let head = Array(first.prefix(headBytes))
        let name = "import-" + String(hash64(head.rawSpan, seed: UInt64(size)), radix: 16)
        // A file from disk may be as large as it likes: it is never held whole.
        let decompressor = try Decompressor(Input.compression(first, path), outputLimit: .max)
        return ImportFile(
            name: name, path: path, input: input, size: size, beginning: first, decompressor: decompressor)
    }

    private init(
        name: String, path: String, input: Input, size: Int, beginning: [UInt8], decompressor: consuming Decompressor
    ) {
        self.name = name
        self.path = path
        self.input = input
        self.size = size
        self.decompressor = decompressor
        pending = beginning
    }

    var percent: Int { size > 0 ? min(100, readBytes * 100 / size) : 0 }
    var rejectedCount: Int { parser.counts.rejected }

    mutating func takeRejections() -> [Rejection] { parser.takeRejections() }

    /// Leaves out the first accepted records, which are stored already.
    mutating func drop(records: Int) { rowsToDrop += records }

    /// The next batch, nil at the end.
    mutating func next() throws -> RecordBatch? {
        while true {
            if let batch = parser.takeBatch() {
                guard let rest = keep(batch) else { continue }
                return rest
            }
            guard !isAtEnd else { return nil }
            try read()
        }
    }

    private mutating func keep(_ batch: RecordBatch) -> RecordBatch? {
        guard rowsToDrop > 0 else { return batch }
        let dropped = min(rowsToDrop, batch.rowCount)
        rowsToDrop -= dropped
        return dropped < batch.rowCount ? batch.selecting(Array(dropped..<batch.rowCount)) : nil
    }

    private mutating func read() throws {
        do {
            let chunk = pending
            decompressor.feed(chunk.rawSpan)
            readBytes += chunk.count
            var piece: [UInt8] = []
            while try decompressor.next(into: &piece) { parser.feed(piece.rawSpan, arrival: arrival) }
            pending = try input.next()
            guard pending.isEmpty else { return }
            isAtEnd = true
            parser.finish(arrival: arrival)
            try decompressor.finish()
        } catch let error as DecompressionError {
            throw CommandFailure.failed("\(path): \(error)")
        }
    }
}
