import Bytes
import Records
import Traces

/// One block, read in place: the header at once, a column when it is asked for, its checksum first.
public struct EncodedBlock: ColumnBlock {
    /// What all copies of the block share: passing one on counts one reference, not one for each part.
    private final class Parts: Sendable {
        let bytes: SharedBytes
        let range: Range<Int>
        let file: String?
        let header: BlockHeader
        let positions: ColumnPositions
        /// Losses of the bytes when the header was read: as long as there are no others, checksums hold.
        let losses: Int
        /// Sections whose checksum was found right: a lookup takes less time than checking all that it reads of.
        let checked = CheckedSections()

        init(_ bytes: SharedBytes, at offset: Int, file: String?, _ header: BlockHeader, losses: Int) {
            self.bytes = bytes
            self.losses = losses
            self.file = file
            self.header = header
            range = offset..<(offset + header.byteCount)
            positions = ColumnPositions(header.columns)
        }
    }

    private let parts: Parts

    private var bytes: SharedBytes { parts.bytes }
    /// Where the block stands in the bytes that it was read from.
    public var range: Range<Int> { parts.range }
    /// The file that errors name.
    public var file: String? { parts.file }
    var header: BlockHeader { parts.header }

    /// Reads and checks the header of the block at `offset`. Throws `CorruptionError` with file and offset.
    public init(_ bytes: SharedBytes, at offset: Int = 0, file: String? = nil) throws(CorruptionError) {
        guard offset >= 0, offset <= bytes.count else { throw CorruptionError("no block", offset: offset, file: file) }
        do throws(CorruptionError) {
            let losses = bytes.losses
            let header = try BlockHeader(bytes.bytes.slice(offset, bytes.count - offset))
            guard bytes.losses == losses else { throw CorruptionError(Self.unreadable, offset: 0) }
            parts = Parts(bytes, at: offset, file: file, header, losses: losses)
        } catch {
            throw CorruptionError(error.reason, offset: offset + error.offset, file: file)
        }
    }

    /// A block in memory of its own.
    public init(_ bytes: [UInt8]) throws(CorruptionError) { try self.init(SharedBytes(bytes)) }

    public var rowCount: Int { header.rowCount }
    public var timeRange: ClosedRange<Int64> { header.timeRange }
    public var columnNames: [ByteString] { header.columns.map(\.name) }
    /// Bytes of the block.
    public var byteCount: Int { range.count }

    public func times() throws -> [Int64] { try readTimes() }

    public func column(_ name: ByteString) throws -> ColumnVector {
        guard let column = headerColumn(name) else { return .missing }
        return try decode(column, depth: 0)
    }

    /// What the header says of a column; nil if the block does not have it.
    public func statistics(of name: ByteString) -> ColumnStatistics? {
        headerColumn(name)?.statistics
    }

    /// Bytes that a column takes, its word filter included; `_time` too.
    public func byteCount(of name: ByteString) -> Int {
        if name == StandardFields.time { return header.storedLength(of: header.times) }
        guard let column = headerColumn(name) else { return 0 }
        return header.storedLength(of: column.values) + (column.words.map(header.storedLength) ?? 0)
    }

    public func integerRange(of field: ByteString) -> ClosedRange<Int64>? { statistics(of: field)?.integers }

    /// The names of the columns whose values are identifiers, by name or by shape.
    public var identifierColumns: [ByteString] { header.columns.filter(\.isIdentifier).map(\.name) }

    /// Reads and decodes everything. O(block).
    public func verify() throws {
        _ = try times()
        for column in header.columns { _ = try self.column(column.name) }
        try check()
    }

    /// Checks the checksums of all sections, whether or not that was done before, without decoding any. O(bytes).
    func check() throws(CorruptionError) {
        if let packing = header.packing {
            let start = range.lowerBound + header.headLength
            guard crc32c(bytes.bytes.slice(start, packing.length)) == packing.checksum else {
                throw CorruptionError(isLosing ? Self.unreadable : "packed block checksum", offset: start, file: file)
            }
            return
        }
        let columns = header.columns.map(\.values) + header.columns.compactMap(\.words)
        for section in [header.times] + columns + [header.identifiers].compactMap({ $0 }) {
            try withBytes(of: section) { bytes throws(CorruptionError) in
                try check(bytes, section)
            }
        }
    }

    /// What is wrong where a page of the file could not be read.
    static let unreadable = "cannot be read from the disk"

    /// Whether a page of the file could not be read since the block was opened; then no checksum holds any longer.
    private var isLosing: Bool { parts.bytes.losses != parts.losses }

    private func check(_ bytes: RawSpan, _ section: BlockSection) throws(CorruptionError) {
        guard crc32c(bytes) == section.checksum else {
            throw CorruptionError(isLosing ? Self.unreadable : "checksum", offset: 0)
        }
    }

    /// Reads a section's bytes, whose checksum holds unless pages were lost: `isChecked` says so. A page that is lost
    /// meanwhile may have been read as zeros, so the checksum decides again then.
    private func reading<Result>(
        _ bytes: RawSpan, of section: BlockSection, isChecked: Bool,
        _ body: () throws(CorruptionError) -> Result
    ) throws(CorruptionError) -> Result {
        let losses = parts.bytes.losses
        if !isChecked || losses != parts.losses { try check(bytes, section) }
        let result = try body()
        if parts.bytes.losses != losses { try check(bytes, section) }
        return result
    }

    /// Bytes of all values as they came.
    var rawBytes: Int { header.columns.reduce(0) { $0 + $1.statistics.rawBytes } }
    /// Tells the bytes that the block is part of apart from all others.
    var sourceNumber: UInt64 { bytes.number }

    func position(of name: ByteString) -> Int? { parts.positions.position(of: name, in: header.columns) }

    func headerColumn(_ name: ByteString) -> BlockHeader.Column? { position(of: name).map { header.columns[$0] } }

    /// Reads a part of a section whose checksum has been checked before. Checks it again if pages were lost since.
    func readPart<Result>(
        _ section: BlockSection, _ part: Range<Int>, _ body: (inout ByteReader) throws(CorruptionError) -> Result
    ) throws(CorruptionError) -> Result {
        try withBytes(of: section) { bytes throws(CorruptionError) in
            try reading(bytes, of: section, isChecked: true) { () throws(CorruptionError) in
                var reader = ByteReader(bytes.slice(0, part.upperBound), at: part.lowerBound)
                let result = try body(&reader)
                guard reader.remaining == 0 else { throw CorruptionError("part left over", offset: reader.offset) }
                return result
            }
        }
    }

    /// Hands a section's bytes over; errors come with the place in the file, which is the block's body where that is
    /// packed.
    private func withBytes<Result>(
        of section: BlockSection, _ body: (RawSpan) throws(CorruptionError) -> Result
    ) throws(CorruptionError) -> Result {
        guard let packing = header.packing else {
            let start = range.lowerBound + section.offset
            do throws(CorruptionError) {
                return try body(bytes.bytes.slice(start, section.length))
            } catch {
                throw CorruptionError(error.reason, offset: start + error.offset, file: file)
            }
        }
        do throws(CorruptionError) {
            let unpacked = try PackedBody.read(bytes, at: range.lowerBound, header, packing)
            return try body(unpacked.bytes.slice(section.offset - header.headLength, section.length))
        } catch {
            throw CorruptionError(error.reason, offset: range.lowerBound + header.headLength, file: file)
        }
    }

    /// Checks a section's checksum, the first time only, then reads it to its end; errors come with the place in the
    /// file.
    func read<Result>(
        _ section: BlockSection, _ body: (inout ByteReader) throws(CorruptionError) -> Result
    ) throws(CorruptionError) -> Result {
        try withBytes(of: section) { bytes throws(CorruptionError) in
            let isKept = section.length >= CheckedSections.shortest
            let isChecked = isKept && parts.checked.contains(section.offset)
            return try reading(bytes, of: section, isChecked: isChecked) { () throws(CorruptionError) in
                if isKept && !isChecked { parts.checked.insert(section.offset) }
                var reader = ByteReader(bytes)
                let result = try body(&reader)
                guard reader.remaining == 0 else { throw CorruptionError("section left over", offset: reader.offset) }
                return result
            }
        }
    }
}
