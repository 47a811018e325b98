import Bytes
import Records

/// A column of a block that is being written, before its place in the block is known.
struct ColumnDraft {
    var name: ByteString
    var statistics: ColumnStatistics
    var payload: [UInt8]
    var isIdentifier = false
    var words: [UInt8]?
    /// The values as they came.
    let source: BlockRows.Values
    /// The column that this one is derived from or refers to, as a position among the drafts.
    var decider: Int?
    /// The column as a dictionary, whether or not it is written as one; nil if it has too many distinct values.
    var parts: ColumnEncoder.DictionaryParts?
    /// The dictionary that is written, of the present values alone where the column is sparse; nil without one.
    var ownParts: ColumnEncoder.DictionaryParts?
    /// The template of each row where the column is written as templates.
    var templateKinds: RowKinds?

    /// Bytes of values below which a column has no word filter: searching them takes no longer than a few questions to
    /// filters, and a filter would be a large part of what they take.
    private static let wordFilterFloor = 96 << 10

    /// Nil for a column without any value.
    init?(
        _ column: BlockRows.Column, _ arena: RawSpan, times: [Int64], told: ToldVariables?, effort: EncodingEffort
    ) {
        let rawBytes = column.values.byteCount
        guard rawBytes > 0 else { return nil }
        var encoder = ColumnEncoder(effort: effort)
        let looksLikeOne = column.looksLikeIdentifiers(arena)
        // Identifiers are searched without times.
        if effort != .commit, !looksLikeOne { encoder.rowTimes = times }
        encoder.told = told
        var writer = ByteWriter()
        let rows = column.values.rowCount
        statistics = encoder.encode(column, looksLikeOne: looksLikeOne, arena, to: &writer)
        name = column.name
        source = column.values
        statistics.rawBytes = rawBytes
        payload = writer.bytes
        isIdentifier = looksLikeOne || statistics.areShapedLikeIdentifiers
        if !encoder.words.isEmpty, rawBytes >= Self.wordFilterFloor, effort == .seal {
            var filter = ByteWriter()
            encoder.words.write(to: &filter)
            words = filter.bytes
        }
        if statistics.encoding == .templates, encoder.templateKinds?.kinds.count == rows {
            templateKinds = encoder.templateKinds
        }
        if statistics.distinct > 1 { ownParts = encoder.parts }
        if let found = encoder.parts, found.dictionary.codes.count == rows { parts = found }
    }

    /// Writes payload and word filter behind what stands in `writer`, and answers the header's entry.
    func write(to writer: inout ByteWriter) -> BlockHeader.Column {
        var column = BlockHeader.Column(
            name: name, statistics: statistics, values: BlockSection(payload, at: writer.count))
        column.isIdentifier = isIdentifier
        writer.write(payload)
        if let words {
            column.words = BlockSection(words, at: writer.count)
            writer.write(words)
        }
        return column
    }
}

extension BlockSection {
    init(_ bytes: [UInt8], at offset: Int) {
        self.init(offset: offset, length: bytes.count, checksum: crc32c(bytes.rawSpan))
    }
}

extension [ColumnDraft] {
    /// Columns that cost less are left as they are.
    private static var payloadFloor: Int { 96 }
    /// Columns tried as the one that decides another, at most.
    private static var candidatesLimit: Int { 24 }

    /// Rewrites the columns whose values follow from another column's, where that is smaller. Columns are ordered by
    /// how many distinct values they have, identifiers last, and only a later one may decide an earlier one, so that
    /// there are no circles. O(columns² + dependencies × rows).
    mutating func deriveColumns(effort: EncodingEffort) {
        func distinct(_ position: Int) -> Int { self[position].parts?.dictionary.values.count ?? 0 }
        let ordered = indices.filter { distinct($0) > 1 && self[$0].statistics.encoding == .dictionary }
            .sorted { (self[$0].isIdentifier ? 1 : 0, distinct($0)) < (self[$1].isIdentifier ? 1 : 0, distinct($1)) }
        // What the template of the message decides costs least.
        let templates = indices.first { self[$0].templateKinds != nil }
        for (rank, position) in ordered.enumerated() where self[position].payload.count > Self.payloadFloor {
            if let templates, derive(position, from: templates, effort) { continue }
            let deciders = ordered[(rank + 1)...].filter { distinct($0) * 33 >= distinct(position) * 32 }
            for other in deciders.prefix(Self.candidatesLimit) where derive(position, from: other, effort) { break }
        }
    }

    /// False, with nothing changed, where the column does not follow from the other or gains nothing.
    private mutating func derive(_ position: Int, from other: Int, _ effort: EncodingEffort) -> Bool {
        guard let parts = self[position].parts, let others = codes(of: other),
            let dependency = DerivedCodec.find(
                parts.dictionary.codes, from: others.codes, otherCount: others.count)
        else { return false }
        var writer = ByteWriter()
        DerivedCodec.encode(dependency, on: other, parts, effort: effort, to: &writer)
        guard writer.count < self[position].payload.count * 7 / 8 else { return false }
        self[position].payload = writer.bytes
        self[position].statistics.encoding = .derived
        self[position].decider = other
        self[position].statistics.distinct = parts.dictionary.values.count
        return true
    }

    /// A code a row, and how many there are: of the dictionary, or the templates.
    private func codes(of position: Int) -> (codes: [UInt32], count: Int)? {
        if let kinds = self[position].templateKinds { return (kinds.kinds, kinds.size) }
        return self[position].parts.map { ($0.dictionary.codes, $0.dictionary.values.count) }
    }
}
