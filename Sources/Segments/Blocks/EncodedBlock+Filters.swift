import Bytes
import Records
import Traces

extension EncodedBlock {
    // MARK: Words

    public func mayContain(word: ByteString, in field: ByteString) -> Bool {
        guard let own = headerColumn(field) else { return word.isEmpty }
        let column = (try? original(of: own)) ?? own
        return WordCollector.words(word).allSatisfy { mayContain(asciiWord: $0, column) }
    }

    private func mayContain(asciiWord word: ByteString, _ column: BlockHeader.Column) -> Bool {
        let statistics = column.statistics
        if let section = column.words {
            let answer = try? read(section) { reader throws(CorruptionError) in
                try WordCollector.mayContain(word.bytes.rawSpan, in: &reader)
            }
            return answer ?? true
        }
        switch statistics.valueEncoding {
        case .integers: return integers(statistics, mayContain: word)
        case .hexadecimal: return word.count == statistics.hexDigits && HexText.isHexadecimal(word.bytes.rawSpan)
        case .uuid: return [4, 8, 12].contains(word.count) && HexText.isHexadecimal(word.bytes.rawSpan)
        case .ipv4: return word.count <= 3 && DecimalText.canonicalInteger(word.bytes.rawSpan) != nil
        default: return true
        }
    }

    private func integers(_ statistics: ColumnStatistics, mayContain word: ByteString) -> Bool {
        // A number too large for 64 bits without its sign may still be the smallest of them.
        guard word.count < 19 else { return true }
        guard let number = DecimalText.canonicalInteger(word.bytes.rawSpan) else { return false }
        guard let range = statistics.integers else { return true }
        return range.contains(number) || range.contains(-number)
    }

    // MARK: Identifiers

    public func mayContain(identifier id: ByteString) -> Bool {
        guard header.columns.contains(where: \.isIdentifier) else { return false }
        guard let section = header.identifiers else { return true }
        let key = IdentifierKey(id)
        let answer = try? read(section) { reader throws(CorruptionError) in
            let filter = try reader.readSpan(reader.remaining)
            if let former = key.formerHash, BlockedBloom.mayContain(former, in: filter) { return true }
            return BlockedBloom.mayContain(key.hash, in: filter)
        }
        return answer ?? true
    }

    /// Never nil. Hex case and a UUID's dashes do not matter; reads identifier columns only. O(rows).
    public func rows(withIdentifier id: ByteString) throws -> [Int]? { try identifierRows(id) }

    func identifierRows(_ id: ByteString) throws -> [Int] {
        guard mayContain(identifier: id) else { return [] }
        let search = IdentifierSearch(id)
        var found: [Int] = []
        for column in header.columns where column.isIdentifier && search.mayMatch(column.statistics) {
            var rows: [Int] = []
            switch column.statistics.encoding {
            case .derived: rows = try derivedRows(column, search)
            case .referred: rows = try referredRows(column, search)
            case .same: rows = try repeatedRows(column, search)
            default:
                rows = try identifierRows(column, search)
            }
            found = found.isEmpty ? rows : Set(found + rows).sorted()
        }
        return found
    }
}
