import Bytes
import Records
import Traces

/// A segment, read in place. Opening reads the footer and the blocks' headers; columns are read when asked for.
public struct SegmentReader: Sendable {
    public let summary: SegmentSummary
    /// The sound blocks, in runs: earliest first within each, the runs by their earliest row. A segment that was
    /// sealed is one run; a merged one may have a run for each segment that was copied into it.
    public let blocks: [EncodedBlock]
    /// Blocks whose header could not be read, and a damaged index. The rest stays readable.
    public let damage: [CorruptionError]

    private let bytes: SharedBytes
    private let file: String?
    private let footer: SegmentFooter
    /// Position in `blocks` of the footer's blocks, nil for a damaged one.
    private let positions: [Int?]
    /// One for each of the footer's indexes, nil for a damaged one.
    private let indexes: [IdentifierIndex.Reader?]

    /// Throws `CorruptionError` if head, tail or footer are not sound. O(blocks × columns).
    public init(_ bytes: SharedBytes, file: String? = nil) throws(CorruptionError) {
        do throws(CorruptionError) {
            let losses = bytes.losses
            footer = try SegmentFooter(bytes.bytes)
            guard bytes.losses == losses else {
                throw CorruptionError(EncodedBlock.unreadable, offset: bytes.count - SegmentFooter.tailLength)
            }
        } catch {
            throw CorruptionError(error.reason, offset: error.offset, file: file)
        }
        self.bytes = bytes
        self.file = file
        var blocks: [EncodedBlock] = []
        var positions: [Int?] = []
        var damage: [CorruptionError] = []
        var start = SegmentFooter.headLength
        for length in footer.blockLengths {
            do throws(CorruptionError) {
                let block = try EncodedBlock(bytes, at: start, file: file)
                guard block.byteCount == length else {
                    throw CorruptionError("block length", offset: start, file: file)
                }
                positions.append(blocks.count)
                blocks.append(block)
            } catch {
                positions.append(nil)
                damage.append(error)
            }
            start += length
        }
        var indexes: [IdentifierIndex.Reader?] = []
        for part in footer.indexes {
            do {
                let span = bytes.bytes.slice(part.section.offset, part.section.length)
                indexes.append(try IdentifierIndex.Reader(span))
            } catch {
                indexes.append(nil)
                damage.append(CorruptionError(error.reason, offset: part.section.offset + error.offset, file: file))
            }
        }
        self.indexes = indexes
        self.blocks = blocks
        self.positions = positions
        self.damage = damage
        summary = SegmentSummary(footer, storedBytes: bytes.count)
    }

    /// Pages of the file that could not be read so far, see `SharedBytes.losses`.
    public var losses: Int { bytes.losses }

    // MARK: Identifiers

    /// False only if no row of the segment has the identifier; wrong in one of 256 other cases, or of 16 for
    /// short ones. O(indexes).
    public func mayContain(identifier id: ByteString) -> Bool { mayContain(identifierKey: IdentifierKey(id)) }

    /// The same for a key made once and asked of many segments.
    public func mayContain(identifierKey key: IdentifierKey) -> Bool {
        for (part, index) in zip(footer.indexes, indexes) {
            guard let index else { return true }
            if index.mayContain(key, in: bytes.bytes.slice(part.section.offset, part.section.length)) { return true }
        }
        return false
    }

    /// The blocks that may have the identifier; all of a run whose index is damaged.
    public func blocks(withIdentifier id: ByteString) -> [EncodedBlock] {
        blocks(withIdentifierKey: IdentifierKey(id))
    }

    public func blocks(withIdentifierKey key: IdentifierKey) -> [EncodedBlock] {
        var found: [EncodedBlock] = []
        for (part, index) in zip(footer.indexes, indexes) {
            if let index {
                let span = bytes.bytes.slice(part.section.offset, part.section.length)
                for block in index.blocks(key, in: span) where block < part.blocks.count {
                    if let position = positions[part.blocks.lowerBound + block] { found.append(blocks[position]) }
                }
            } else {
                for block in part.blocks { if let position = positions[block] { found.append(blocks[position]) } }
            }
        }
        return found
    }

    /// The rows that have the identifier in whichever field, block by block in the order of `blocks`.
    public func rows(withIdentifier id: ByteString) throws -> [(block: EncodedBlock, rows: [Int])] {
        try blocks(withIdentifier: id).compactMap { block in
            let rows = try block.identifierRows(id)
            return rows.isEmpty ? nil : (block, rows)
        }
    }

    // MARK: Copying

    /// Hands bytes over as they are in the file. `check` says whether they are sound: before, and once more if a page
    /// was lost meanwhile.
    func copy(
        _ range: Range<Int>, to sink: (RawSpan) throws -> Void, check: () throws(CorruptionError) -> Void
    ) throws {
        let losses = bytes.losses
        try check()
        try sink(bytes.bytes.slice(range.lowerBound, range.count))
        if bytes.losses != losses { try check() }
        bytes.forget(range)
    }

    /// The indexes with the blocks that each answers for, as positions in `blocks` where nothing is damaged.
    var indexParts: [SegmentFooter.Index] { footer.indexes }

    /// Checks a section's checksum.
    func check(_ section: BlockSection) throws(CorruptionError) {
        guard crc32c(bytes.bytes.slice(section.offset, section.length)) == section.checksum else {
            throw error("index checksum", section.offset)
        }
    }

    /// Tells readers of different files apart.
    var identity: ObjectIdentifier { ObjectIdentifier(bytes) }

    /// Checks the checksums of the identifier indexes. Their pages stay mapped: a lookup reads a few bytes here and
    /// there of each, and would pay for every page again. O(their bytes).
    public func checkIndexes() throws(CorruptionError) {
        for part in footer.indexes { try check(part.section) }
    }

    // MARK: Upkeep

    /// What every column takes, in the order of first appearance; `_time` first. O(blocks × columns).
    public func columnUsage() -> [ColumnUsage] {
        var usages = [ColumnUsage(name: StandardFields.time)]
        var positions: [ByteString: Int] = [StandardFields.time: 0]
        for block in blocks {
            let times = StoredEncoding(outer: .integers, values: .integers)
            usages[0].storedBytes[times, default: 0] += block.header.storedLength(of: block.header.times)
            for column in block.header.columns {
                let position = positions[column.name] ?? usages.count
                if position == usages.count {
                    positions[column.name] = position
                    usages.append(ColumnUsage(name: column.name))
                }
                let encoding = StoredEncoding(
                    outer: column.statistics.encoding, values: column.statistics.valueEncoding)
                usages[position].storedBytes[encoding, default: 0] +=
                    block.header.storedLength(of: column.values)
                usages[position].wordFilterBytes += column.words.map(block.header.storedLength) ?? 0
                usages[position].missing += column.statistics.missing
                usages[position].rawBytes += column.statistics.rawBytes
            }
        }
        return usages
    }

    /// Reads everything and checks every checksum and cross-reference: rows, times in order, and that the index answers
    /// each identifier with its block. Throws the first `CorruptionError`. O(segment).
    public func verify() throws {
        if let first = damage.first { throw first }
        var rows = 0
        for (part, index) in zip(footer.indexes, indexes) {
            try check(part.section)
            var previous = Int64.min
            for (position, block) in blocks[part.blocks].enumerated() {
                try block.verify()
                for time in try block.times() {
                    guard time >= previous, block.timeRange.contains(time), summary.timeRange.contains(time) else {
                        throw error("times out of order", block.range.lowerBound)
                    }
                    previous = time
                }
                rows += block.rowCount
                try verify(index, part, of: block, position)
            }
        }
        guard rows == summary.rowCount else { throw error("\(rows) rows, not \(summary.rowCount)", 0) }
    }

    private func verify(
        _ index: IdentifierIndex.Reader?, _ part: SegmentFooter.Index, of block: EncodedBlock, _ position: Int
    ) throws {
        let span = bytes.bytes.slice(part.section.offset, part.section.length)
        for name in block.identifierColumns {
            let values = try block.column(name).distinctTexts(count: block.rowCount)
            for value in 0..<values.count where values.length(value) > 0 {
                let key = IdentifierKey(values.value(value))
                guard index?.blocks(key, in: span).contains(position) ?? false else {
                    throw error(
                        "identifier \(values.value(value)) of block \(position) is not indexed", part.section.offset)
                }
            }
        }
    }

    private func error(_ reason: String, _ offset: Int) -> CorruptionError {
        CorruptionError(reason, offset: offset, file: file)
    }
}

extension ColumnVector {
    /// The values without the repetitions that are known for free. O(values).
    func distinctTexts(count: Int) -> StringColumn {
        switch self {
        case .constant(let value): StringColumn([value])
        case .dictionary(_, let values): values
        default: texts(count: count)
        }
    }
}
