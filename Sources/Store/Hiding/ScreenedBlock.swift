import Bytes
import Records
import Segments
import Synchronization

/// A block some of whose rows may be hidden. Which they are is found out when somebody reads more than the header, so
/// that a query pays only for blocks that it reads, on the threads that read them.
final class ScreenedBlock: ColumnBlock {
    private let base: EncodedBlock
    private let rules: [HidingRule]
    /// Told of a block that cannot be judged. It shows no rows then: better too few than one that was deleted.
    private let onDamage: @Sendable (any Error) -> Void
    private let judged = Mutex<Result<any ColumnBlock, any Error>?>(nil)

    init(_ base: EncodedBlock, _ rules: [HidingRule], onDamage: @escaping @Sendable (any Error) -> Void) {
        self.base = base
        self.rules = rules
        self.onDamage = onDamage
    }

    /// The rows that may be seen.
    private func shown() throws -> any ColumnBlock {
        if let known = judged.withLock({ $0 }) { return try known.get() }
        // Two threads may do this at once; they find the same.
        let result = Result<any ColumnBlock, any Error> {
            guard let kept = try rules.keptRows(of: base) else { return base }
            return KeptRows(base, kept)
        }
        let isFirst = judged.withLock { judged -> Bool in
            defer { if judged == nil { judged = result } }
            return judged == nil
        }
        if isFirst, case .failure(let error) = result { onDamage(error) }
        return try result.get()
    }

    /// May be 0 here.
    var rowCount: Int { (try? shown().rowCount) ?? 0 }
    var timeRange: ClosedRange<Int64> { base.timeRange }
    var columnNames: [ByteString] { base.columnNames }
    var identifierColumns: [ByteString] { base.identifierColumns }

    func times() throws -> [Int64] { try shown().times() }
    func times(rows: [Int]) throws -> [Int64] { try shown().times(rows: rows) }
    func column(_ name: ByteString) throws -> ColumnVector { try shown().column(name) }
    func column(_ name: ByteString, rows: [Int]) throws -> ColumnVector { try shown().column(name, rows: rows) }
    func rows(withIdentifier id: ByteString) throws -> [Int]? { try shown().rows(withIdentifier: id) }
    func mayContain(word: ByteString, in field: ByteString) -> Bool { base.mayContain(word: word, in: field) }
    func mayContain(identifier id: ByteString) -> Bool { base.mayContain(identifier: id) }
}
