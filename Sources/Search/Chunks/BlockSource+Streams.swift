import Bytes
import Records

/// `_stream` and `_stream_id` of the rows that were stored without them. What a row brought is its own: senders that
/// name their streams share blocks with others that do not.
extension BlockSource {
    /// The field of some rows; nil where it is not made here, or is at hand for all rows.
    func gatherMade(_ name: ByteString, _ rows: [Int32]) throws -> Column? {
        guard try isMade(name), !isLoaded(name) else { return nil }
        return try made(name, rowCount: rows.count) { field in
            try gatherMade(field, rows) ?? native(field)?.gather(rows) ?? column(field).gather(rows)
        } stored: {
            try stored($0).gather(rows)
        }
    }

    /// The field of all rows.
    func made(_ name: ByteString) throws -> Column {
        try made(name, rowCount: block.rowCount, of: column, stored: stored)
    }

    private func made(
        _ name: ByteString, rowCount: Int, of field: (ByteString) throws -> Column,
        stored: (ByteString) throws -> Column
    ) throws -> Column {
        let isStream = name == StandardFields.stream
        let made =
            isStream
            ? try StreamNames.column(rowCount: rowCount, of: field)
            : StreamNames.identifiers(of: try field(StandardFields.stream), tenant: tenant)
        guard block.columnNames.contains(name) else { return made }
        return try stored(name).filled(with: made, rowCount: rowCount)
    }
}

extension Column {
    /// Whether some row has the empty value. O(rows).
    var hasEmptyValue: Bool {
        switch self {
        case .constant(let value): return value.isEmpty
        case .dictionary(let codes, let values):
            let empty = (0..<values.count).map { values.length($0) == 0 }
            return empty.contains(true) && codes.contains { empty[Int($0)] }
        case .strings(let texts): return (0..<texts.count).contains { texts.length($0) == 0 }
        case .integers, .times: return false
        }
    }

    /// The same with another column's value in rows that have the empty one. O(rows + bytes).
    fileprivate func filled(with other: Column, rowCount: Int) -> Column {
        if isMissing { return other }
        var output = StringColumn()
        var text: [UInt8] = []
        for row in 0..<rowCount {
            text.removeAll(keepingCapacity: true)
            append(row, to: &text)
            if text.isEmpty { other.append(row, to: &text) }
            output.append(text.rawSpan)
        }
        return .strings(output)
    }
}
