import Bytes
import Records
import Traces

extension EncodedBlock {
    public func mayContain(identifier id: ByteString) -> Bool {
        guard header.columns.contains(where: \.isIdentifier) else { return false }
        guard let section = header.identifiers else { return true }
        let key = IdentifierHasher.key(id)
        let answer = try? read(section) { reader throws(CorruptionError) in
            BlockedBloom.mayContain(key, in: try reader.readSpan(reader.remaining))
        }
        return answer ?? true
    }

    /// The rows that have `id` as the value of any identifier column, ascending; hex case and a UUID's dashes do not
    /// matter. Reads identifier columns only. O(rows).
    public func rows(withIdentifier id: ByteString) throws -> [Int] {
        guard mayContain(identifier: id) else { return [] }
        let search = IdentifierSearch(id)
        var found: [Int] = []
        for column in header.columns where column.isIdentifier && search.mayMatch(column.statistics) {
            let rows = try read(column.values) { reader throws(CorruptionError) in
                try search.rows(&reader, count: rowCount)
            }
            found = found.isEmpty ? rows : Set(found + rows).sorted()
        }
        return found
    }
}
