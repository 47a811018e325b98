import Bytes
import Records
import Synchronization

/// A column of texts as it is stored: what the texts have in common, and their variables apart. A search that finds its
/// words in the static pieces, or in no variable, need not put any text together.
public final class TemplateColumn: Sendable {
    /// A row's template + 1; 0 for a text that is kept whole.
    public var codes: [UInt32] { layout.codes }
    public var templateCount: Int { layout.skeletonCount }
    /// Texts that are kept whole.
    public var wholeCount: Int { layout.counts[0] }

    private let layout: TemplateLayout
    private let block: EncodedBlock
    private let section: BlockSection
    private let end: Int
    /// Pools that were decoded: several variables share each.
    private let pools: Mutex<[Int: TemplateLayout.PoolContents]> = Mutex([:])
    /// Other columns that variables tell again.
    private let columns: Mutex<[Int: ColumnVector]> = Mutex([:])

    init(_ block: EncodedBlock, _ section: BlockSection, _ reader: inout ByteReader) throws(CorruptionError) {
        layout = try TemplateLayout(&reader, count: block.rowCount)
        let rest = reader.remaining
        try reader.skip(rest)
        end = reader.offset
        self.block = block
        self.section = section
    }

    /// The static text of a template: `pieces[0] variable[0] pieces[1] … variable[n - 1] pieces[n]`. O(length).
    public func pieces(of template: Int) -> [ByteString] { layout.pieces(of: template) }

    /// Rows of a template.
    public func rowCount(of template: Int) -> Int { layout.counts[template + 1] }

    public func variableCount(of template: Int) -> Int { layout.variables[template].count }

    /// The values of one variable of a template, one a row of that template in the order of the rows. O(rows).
    public func variable(_ variable: Int, of template: Int) throws -> ColumnVector {
        switch layout.variables[template][variable] {
        case .own(let range):
            return try block.readPart(section, range) { reader throws(CorruptionError) in
                let bytes = reader.bytes
                reader = ByteReader(bytes, at: bytes.byteCount)
                return try TemplateDecoder.decodeVariable(range, of: template, layout, bytes, 0, block.rowTimes)
            }
        case .pooled(let pool):
            let contents = try contents(of: pool)
            return contents.values(of: variable, in: template)
        case .told(let other):
            return try columns.withLock { columns in
                // Errors are to name the place of this column.
                try block.readPart(section, 0..<0) { _ throws(CorruptionError) in
                    try layout.told(other, of: template, block.rowTimes, &columns)
                }
            }
        case .same(let earlier): return try self.variable(earlier, of: template)
        }
    }

    private func contents(of pool: Int) throws -> TemplateLayout.PoolContents {
        try pools.withLock { pools in
            if let known = pools[pool] { return known }
            let contents = try block.readPart(section, 0..<end) { reader throws(CorruptionError) in
                let contents = try layout.contents(of: pool, in: reader.bytes, times: block.rowTimes)
                reader = ByteReader(reader.bytes, at: reader.bytes.byteCount)
                return contents
            }
            pools[pool] = contents
            return contents
        }
    }

    /// The texts that are kept whole, in the order of their rows; `.missing` if there are none.
    public func wholeTexts() throws -> ColumnVector {
        guard wholeCount > 0 else { return .missing }
        return try block.readPart(section, layout.wholeStart..<end) { reader throws(CorruptionError) in
            try ColumnDecoder.decode(&reader, count: wholeCount, depth: 1)
        }
    }
}

extension TemplateColumn: TemplatedTexts {}

extension EncodedBlock {
    /// The column in its parts, if it is stored as templates in this block (see `statistics(of:)`, `.templates`); nil
    /// otherwise. Reads templates and codes; variables are read when asked for. O(rows).
    public func templateColumn(_ name: ByteString) throws -> TemplateColumn? {
        guard let column = try headerColumn(name).map({ try original(of: $0) }),
            column.statistics.encoding == .templates
        else { return nil }
        return try read(column.values) { reader throws(CorruptionError) in
            guard try reader.readUInt8() == ColumnEncoding.templates.rawValue else {
                throw CorruptionError("templates expected", offset: 0)
            }
            return try TemplateColumn(self, column.values, &reader)
        }
    }
}

extension EncodedBlock: TemplatedBlock {
    public func templatedTexts(_ name: ByteString) throws -> (any TemplatedTexts)? { try templateColumn(name) }
}
