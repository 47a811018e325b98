import Bytes
import Machine
import Records
import Segments
import Testing

/// Thousands of fields, of which a record has a few.
@Suite struct WideBlockTests {
    @Test func rowsOfManyFieldsComeBack() throws {
        var random = SeededRandom(seed: 3)
        let rows = 6_000
        let batch = RecordBatch(
            rows: (0..<rows).map { row in
                var fields = [("svc", "s\(row % 7)"), ("_msg", "request \(row) took \(row % 331) ms")]
                var names: Set<Int> = []
                while names.count < 8 { names.insert(Int.random(in: 0..<1_500, using: &random)) }
                for name in names.sorted() {
                    let number = UInt64.random(in: 0..<1 << 60, using: &random)
                    let value =
                        switch name % 4 {
                        case 0: "v\(number % 5)"
                        case 1: "\(number % 100_000)"
                        case 2: String(number | 1 << 60, radix: 16)
                        default: "text \(number % 977) of field \(name)"
                        }
                    fields.append(("f\(name)", value))
                }
                return (Int64(row) * 1_000_000, fields)
            })
        #expect(batch.columns.count > 1_400 && batch.columns.count * rows > 8 << 20)
        // One group that is wide by itself, and some that are not.
        var groups: [EncodedBlock] = []
        for range in [0..<4_000, 4_000..<4_800, 4_800..<4_801, 4_801..<6_000] {
            let order = range.map { UInt32($0) }
            groups.append(try EncodedBlock(BlockEncoder(effort: .commit).encode(batch, order: order).bytes))
        }
        let bytes = try #require(try SegmentWriter().encode(groups))
        let segment = try SegmentReader(SharedBytes(bytes), file: "test")
        try segment.verify()
        #expect(segment.blocks.map(\.rowCount) == [rows])
        let block = segment.blocks[0]
        #expect(try block.times() == batch.times)
        for (position, column) in batch.columns.enumerated() {
            let vector = try block.column(column.name)
            for row in 0..<rows {
                let value = ByteString(batch.value(row: row, column: position))
                if vector.value(row) != value { Issue.record("\(column.name) of row \(row)") }
                guard row % 977 == 3, value.count == 16, column.name != "_msg" else { continue }
                #expect(try block.rows(withIdentifier: value)?.contains(row) == true)
            }
        }
    }

    /// Names that hardly recur: no block gets more of them than it may have, and every value comes back.
    @Test func namesThatNeverRepeatAreSealed() throws {
        var groups: [EncodedBlock] = []
        let rows = 3_000
        for group in 0..<12 {
            // Each group's times lie among those of all others.
            let batch = RecordBatch(
                rows: (0..<rows / 12).map { row in
                    let own = (0..<30).map { ("n\(group)_\(row)_\($0)", "v\(row)") }
                    return (Int64(row * 12 + group), [("_msg", "m\(group) \(row)")] + own)
                })
            groups.append(try EncodedBlock(BlockEncoder(effort: .commit).encode(batch).bytes))
        }
        #expect(groups.reduce(0) { $0 + $1.columnNames.count } > 65_536)
        #expect(try BlockEncoder(effort: .commit).join(groups) == nil)
        let bytes = try #require(try SegmentWriter().encode(groups))
        let segment = try SegmentReader(SharedBytes(bytes), file: "test")
        try segment.verify()
        #expect(segment.blocks.allSatisfy { $0.columnNames.count <= 1 << 14 })
        var values: [ByteString: Int] = [:]
        for block in segment.blocks {
            for name in block.columnNames where name != "_msg" {
                let vector = try block.column(name)
                for row in 0..<block.rowCount {
                    let value = vector.value(row)
                    guard !value.isEmpty else { continue }
                    values[name, default: 0] += 1
                    #expect(name.string.split(separator: "_")[1] == value.string.dropFirst())
                }
            }
        }
        #expect(values.count == rows * 30 && values.values.allSatisfy { $0 == 1 })
    }
}
