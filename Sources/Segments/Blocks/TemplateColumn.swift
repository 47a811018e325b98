import Bytes
import Records

/// A column of texts as it is stored: what the texts have in common, and their variables apart. A search that finds its
/// words in the static pieces, or in no variable, need not put any text together.
public struct TemplateColumn: Sendable {
    /// One kind of text: `pieces[0] variable[0] pieces[1] … variable[n - 1] pieces[n]`.
    public struct Template: Sendable {
        public let pieces: [ByteString]
        /// Rows of this kind.
        public let rowCount: Int
        fileprivate let variables: [Range<Int>]
        public var variableCount: Int { pieces.count - 1 }
    }

    public let templates: [Template]
    /// A row's template + 1; 0 for a text that is kept whole.
    public let codes: [UInt32]
    /// Texts that are kept whole.
    public let wholeCount: Int

    private let block: EncodedBlock
    private let section: BlockSection
    private let wholeRange: Range<Int>

    init(_ block: EncodedBlock, _ section: BlockSection, _ reader: inout ByteReader) throws(CorruptionError) {
        let head = try TemplateDecoder.readHead(&reader, count: block.rowCount)
        let counts = head.counts
        var templates: [Template] = []
        for (position, skeleton) in head.skeletons.enumerated() {
            var ranges: [Range<Int>] = []
            for _ in 0..<skeleton.variableCount {
                let length = try reader.readCount(limit: reader.remaining)
                ranges.append(reader.offset..<(reader.offset + length))
                try reader.skip(length)
            }
            templates.append(Template(pieces: skeleton.pieces, rowCount: counts[position + 1], variables: ranges))
        }
        self.templates = templates
        codes = head.codes
        wholeCount = counts[0]
        wholeRange = reader.offset..<(reader.offset + reader.remaining)
        let rest = reader.remaining
        try reader.skip(rest)
        self.block = block
        self.section = section
    }

    /// The values of one variable of a template, one a row of that template in the order of the rows. O(rows).
    public func variable(_ variable: Int, of template: Int) throws -> ColumnVector {
        let template = templates[template]
        return try block.readPart(section, template.variables[variable]) { reader throws(CorruptionError) in
            try ColumnDecoder.decode(&reader, count: template.rowCount, depth: 1)
        }
    }

    /// The texts that are kept whole, in the order of their rows; `.missing` if there are none.
    public func wholeTexts() throws -> ColumnVector {
        guard wholeCount > 0 else { return .missing }
        return try block.readPart(section, wholeRange) { reader throws(CorruptionError) in
            try ColumnDecoder.decode(&reader, count: wholeCount, depth: 1)
        }
    }
}

extension EncodedBlock {
    /// The column in its parts, if it is stored as templates in this block (see `statistics(of:)`, `.templates`); nil
    /// otherwise. Reads templates and codes; variables are read when asked for. O(rows).
    public func templateColumn(_ name: ByteString) throws -> TemplateColumn? {
        guard let column = headerColumn(name), column.statistics.encoding == .templates else { return nil }
        return try read(column.values) { reader throws(CorruptionError) in
            guard try reader.readUInt8() == ColumnEncoding.templates.rawValue else {
                throw CorruptionError("templates expected", offset: 0)
            }
            return try TemplateColumn(self, column.values, &reader)
        }
    }
}
