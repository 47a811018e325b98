import Bytes
import Records

/// Identifiers inside texts: one value stands in texts of many kinds, and near its last place. All variables whose
/// values are hex of one width, or all UUIDs, or all numbers that spread over more than 2^40, share one list of
/// distinct values and one run of codes in the order of the rows.
enum VariablePool {
    /// A variable of a skeleton as a column of its own.
    struct Variable {
        var payload: [UInt8]
        var statistics: ColumnStatistics
    }

    private struct Shape: Hashable {
        var encoding: ColumnEncoding
        var digits: Int
    }

    private static let digitsFloor = 12
    private static let numbersFloor: UInt64 = 1 << 40

    /// The pools that are worth it, each as it is written, numbered from `firstNumber` on; the variables that draw on
    /// one become a reference to it.
    /// O(rows).
    static func find(
        _ variables: inout [[Variable]], _ split: TemplateSplit, _ arena: RawSpan, effort: EncodingEffort,
        firstNumber: Int
    ) -> [[UInt8]] {
        var shapes: [Shape] = []
        var members: [Shape: [[Int]]] = [:]
        for skeleton in variables.indices {
            for position in variables[skeleton].indices {
                let statistics = variables[skeleton][position].statistics
                guard isPoolable(statistics) else { continue }
                let shape = Shape(encoding: statistics.valueEncoding, digits: statistics.hexDigits)
                if members[shape] == nil { shapes.append(shape) }
                members[shape, default: variables.map { _ in [] }][skeleton].append(position)
            }
        }
        var pools: [[UInt8]] = []
        for shape in shapes where pools.count < 64 {
            let own = members[shape]!
            guard own.reduce(0, { $0 + $1.count }) >= 2 else { continue }
            let pool = write(own, split, arena, effort: effort)
            var separate = 0
            for (skeleton, positions) in own.enumerated() {
                for position in positions { separate += variables[skeleton][position].payload.count - 2 }
            }
            guard pool.count < separate else { continue }
            var reference = ByteWriter()
            reference.write(ColumnEncoding.pooled.rawValue)
            reference.writeVarint(firstNumber + pools.count)
            for (skeleton, positions) in own.enumerated() {
                for position in positions { variables[skeleton][position].payload = reference.bytes }
            }
            pools.append(pool)
        }
        return pools
    }

    private static func isPoolable(_ statistics: ColumnStatistics) -> Bool {
        switch statistics.valueEncoding {
        case .hexadecimal, .uuid: return statistics.hexDigits >= digitsFloor
        case .integers:
            guard let range = statistics.integers else { return false }
            return UInt64(bitPattern: range.upperBound &- range.lowerBound) >= numbersFloor
        default: return false
        }
    }

    private static func write(
        _ members: [[Int]], _ split: TemplateSplit, _ arena: RawSpan, effort: EncodingEffort
    ) -> [UInt8] {
        let variables = ChosenVariables(split, members)
        var slices: [RecordBatch.Slice] = []
        slices.reserveCapacity(variables.count)
        variables.forEach(split.codes) { slices.append($2) }
        let union = CodeKernels.union(slices.rawSpan, arena)
        var values = ByteWriter()
        var encoder = ColumnEncoder(effort: effort)
        _ = encoder.encode(union.firsts.map { slices[Int($0)] }, arena, allowed: [], to: &values)
        var codes = ByteWriter()
        let counts = CodeKernels.counts(union.codes, limit: union.firsts.count).map(UInt32.init)
        CodeCodec.encode(union.codes, counts: counts, effort: effort, to: &codes)
        var writer = ByteWriter()
        writer.writeVarint(union.firsts.count)
        writer.writeCounted(values.bytes)
        writer.writeVarint(slices.count)
        writer.writeCounted(codes.bytes)
        return writer.bytes
    }
}
