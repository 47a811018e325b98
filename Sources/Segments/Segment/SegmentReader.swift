import Bytes
import Records
import Traces

/// A segment, read in place. Opening reads the footer and the blocks' headers; columns are read when asked for.
public struct SegmentReader: Sendable {
    public let summary: SegmentSummary
    /// The sound blocks, earliest first.
    public let blocks: [EncodedBlock]
    /// Blocks whose header could not be read, and a damaged index. The rest stays readable.
    public let damage: [CorruptionError]

    private let bytes: SharedBytes
    private let file: String?
    private let footer: SegmentFooter
    /// Position in `blocks` of the footer's blocks, nil for a damaged one.
    private let positions: [Int?]
    private let index: IdentifierIndex.Reader?

    /// Throws `CorruptionError` if head, tail or footer are not sound. O(blocks × columns).
    public init(_ bytes: SharedBytes, file: String? = nil) throws(CorruptionError) {
        do {
            footer = try SegmentFooter(bytes.bytes)
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
        do {
            let span = bytes.bytes.slice(footer.index.offset, footer.index.length)
            index = try IdentifierIndex.Reader(span)
        } catch {
            index = nil
            damage.append(CorruptionError(error.reason, offset: footer.index.offset + error.offset, file: file))
        }
        self.blocks = blocks
        self.positions = positions
        self.damage = damage
        summary = SegmentSummary(footer, storedBytes: bytes.count)
    }

    private var indexBytes: RawSpan {
        @_lifetime(borrow self)
        get { bytes.bytes.slice(footer.index.offset, footer.index.length) }
    }

    // MARK: Identifiers

    /// False only if no row of the segment has the identifier; wrong in one of 64 other cases. O(1).
    public func mayContain(identifier id: ByteString) -> Bool { mayContain(identifierKey: IdentifierHasher.key(id)) }

    /// The same for a key made once with `IdentifierHasher.key` and asked of many segments.
    public func mayContain(identifierKey key: UInt64) -> Bool {
        guard let index else { return true }
        return index.mayContain(key, in: indexBytes)
    }

    /// The blocks that may have the identifier; all of them where the index is damaged.
    public func blocks(withIdentifier id: ByteString) -> [EncodedBlock] {
        blocks(withIdentifierKey: IdentifierHasher.key(id))
    }

    public func blocks(withIdentifierKey key: UInt64) -> [EncodedBlock] {
        guard let index else { return blocks }
        return index.blocks(key, in: indexBytes).compactMap { position in
            position < positions.count ? positions[position].map { blocks[$0] } : nil
        }
    }

    /// The rows that have the identifier in whichever field, block by block, earliest first.
    public func rows(withIdentifier id: ByteString) throws -> [(block: EncodedBlock, rows: [Int])] {
        try blocks(withIdentifier: id).compactMap { block in
            let rows = try block.identifierRows(id)
            return rows.isEmpty ? nil : (block, rows)
        }
    }

    // MARK: Upkeep

    /// What every column takes, in the order of first appearance; `_time` first. O(blocks × columns).
    public func columnUsage() -> [ColumnUsage] {
        var usages = [ColumnUsage(name: StandardFields.time)]
        var positions: [ByteString: Int] = [StandardFields.time: 0]
        for block in blocks {
            usages[0].storedBytes[.integers, default: 0] += block.header.times.length
            for column in block.header.columns {
                let position = positions[column.name] ?? usages.count
                if position == usages.count {
                    positions[column.name] = position
                    usages.append(ColumnUsage(name: column.name))
                }
                usages[position].storedBytes[column.statistics.encoding, default: 0] += column.values.length
                usages[position].wordFilterBytes += column.words?.length ?? 0
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
        guard crc32c(indexBytes) == footer.index.checksum else { throw error("index checksum", footer.index.offset) }
        var rows = 0
        var previous = Int64.min
        for (position, block) in blocks.enumerated() {
            try block.verify()
            let times = try block.times()
            for time in times {
                guard time >= previous, block.timeRange.contains(time), summary.timeRange.contains(time) else {
                    throw error("times out of order", block.range.lowerBound)
                }
                previous = time
            }
            rows += block.rowCount
            try verifyIndex(of: block, position)
        }
        guard rows == summary.rowCount else { throw error("\(rows) rows, not \(summary.rowCount)", 0) }
    }

    private func verifyIndex(of block: EncodedBlock, _ position: Int) throws {
        var hasher = IdentifierHasher()
        for name in block.identifierColumns {
            let values = try block.column(name).distinctTexts(count: block.rowCount)
            for value in 0..<values.count where values.length(value) > 0 {
                let key = hasher.key(values[value])
                guard index?.blocks(key, in: indexBytes).contains(position) ?? false else {
                    throw error(
                        "identifier \(values.value(value)) of block \(position) is not indexed", footer.index.offset)
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
