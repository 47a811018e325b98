import Bytes

/// Where the columns of a block stand, by name. A block of a few rows is read about as often as it has columns, so a
/// table of names would cost more than it saves; wide blocks have one.
struct ColumnPositions: Sendable {
    /// Columns among which a name is looked for one by one, at most.
    private static let searched = 32

    /// Nil for few columns.
    private let table: [ByteString: Int]?

    /// Of equal names the first counts. O(columns).
    init(_ columns: [BlockHeader.Column]) {
        guard columns.count > Self.searched else {
            table = nil
            return
        }
        table = Dictionary(columns.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// `columns` are those that this was made of. O(1).
    func position(of name: ByteString, in columns: [BlockHeader.Column]) -> Int? {
        if let table { return table[name] }
        return columns.indices.first { columns[$0].name == name }
    }
}
