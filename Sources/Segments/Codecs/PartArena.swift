import Bytes
import Records

/// Values of several columns in one arena, addressed by column and row.
struct PartArena {
    /// A column in the arena: where its slices begin, and how a row finds its own.
    struct Source {
        fileprivate var first: Int
        /// 0 where all rows share one slice, else 1.
        fileprivate var step: Int
        /// Where the codes begin, for a column whose rows share distinct values; -1 without codes.
        fileprivate var codes: Int
        /// Whether every row is the empty text.
        var isEmpty: Bool
    }

    private(set) var arena: [UInt8] = []
    private var slices: [RecordBatch.Slice] = []
    private var codes: [UInt32] = []

    /// Adds a column of `count` rows. O(rows + bytes).
    mutating func add(_ vector: ColumnVector, count: Int) -> Source {
        var source = Source(first: slices.count, step: 1, codes: -1, isEmpty: false)
        switch vector {
        case .constant(let value):
            source.step = 0
            source.isEmpty = value.isEmpty
            slices.append(.init(offset: UInt32(arena.count), length: UInt32(value.count)))
            arena.append(contentsOf: value.bytes)
        case .dictionary(let rowCodes, let values):
            source.codes = codes.count
            codes.append(contentsOf: rowCodes)
            add(values)
        case .integers(let numbers):
            for number in numbers {
                let start = arena.count
                DecimalText.append(number, to: &arena)
                slices.append(.init(offset: UInt32(start), length: UInt32(arena.count - start)))
            }
        case .strings(let values): add(values)
        }
        precondition(arena.count <= UInt32.max)
        return source
    }

    private mutating func add(_ values: StringColumn) {
        let base = UInt32(arena.count)
        arena.append(contentsOf: values.arena)
        for row in 0..<values.count {
            slices.append(
                .init(offset: base + values.offsets[row], length: values.offsets[row + 1] - values.offsets[row]))
        }
    }

    /// Where the value of a row stands. O(1).
    @inline(__always)
    func slice(_ source: Source, _ row: Int) -> RecordBatch.Slice {
        slices[source.first + (source.codes < 0 ? row * source.step : Int(codes[source.codes + row]))]
    }
}
