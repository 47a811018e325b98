import Bytes
import Records

/// Variables of several skeletons that mean the same, since the same text stands before them: the clock time, the
/// process and the thread at the head of every line. All of a group share one column in the order of the rows, in which
/// times ascend and neighbours are alike, instead of being cut up by what the rest of the line says.
struct SharedVariables {
    /// Members and their values in the order of the rows.
    struct Group {
        var values: [RecordBatch.Slice] = []
        /// The row of each value.
        var rows: [UInt32] = []
    }

    private(set) var groups: [Group] = []
    /// By skeleton and variable: the group, or -1.
    private(set) var groupOf: [[Int]]
    /// By skeleton and variable: an earlier variable of the skeleton that has the same value in every row, or -1.
    /// Such a variable is in no group.
    let equalTo: [[Int]]

    private static let groupsLimit = 1_024
    /// Hex of this many digits is left to a pool, which keeps each distinct value once.
    private static let pooledDigits = 12
    /// So are numbers of this many digits: longer than a time in nanoseconds is none.
    private static let longNumber = 14

    /// `told` are the columns that tell a variable, by skeleton and variable, or -1: such a variable is in no group
    /// either. O(rows × shared variables + static text).
    init(_ split: TemplateSplit, _ arena: RawSpan, without told: [[Int]]) {
        groupOf = split.skeletons.map { [Int](repeating: -1, count: $0.variables.count) }
        let equalTo = split.skeletons.map { skeleton in
            skeleton.columns.indices.map { Self.equal(skeleton.columns, $0, arena) ?? -1 }
        }
        self.equalTo = equalTo
        var members: [UInt64: [(skeleton: Int, variable: Int)]] = [:]
        var order: [UInt64] = []
        for (skeleton, known) in split.skeletons.enumerated() {
            let model = arena.slice(Int(known.model.offset), Int(known.model.length))
            var prefix: UInt64 = 0
            var start = 0
            var spaces = 0
            for (variable, range) in known.variables.enumerated() {
                let piece = model.slice(start, Int(range.lowerBound) - start)
                prefix = hash64(piece, seed: prefix &+ 1)
                for place in 0..<piece.byteCount where piece[place] == UInt8(ascii: " ") { spaces += 1 }
                start = Int(range.upperBound)
                guard equalTo[skeleton][variable] < 0, told[skeleton][variable] < 0 else { continue }
                let clock = Self.clockPattern(model.slice(Int(range.lowerBound), range.count))
                let key = clock.map { hash64($0.rawSpan, seed: UInt64(spaces) &+ 1 << 32) } ?? prefix
                if members[key] == nil { order.append(key) }
                members[key, default: []].append((skeleton, variable))
            }
        }
        for hash in order where groups.count < Self.groupsLimit {
            let own = members[hash]!
            guard own.count > 1, Self.isWorthwhile(own, split, arena) else { continue }
            for member in own { groupOf[member.skeleton][member.variable] = groups.count }
            groups.append(Group())
        }
        if !groups.isEmpty { collect(split) }
    }

    /// The pattern of what looks like a date, a time or both: wherever such a value is the nth word of a line, it means
    /// the same. Nil for other values.
    private static func clockPattern(_ value: RawSpan) -> [UInt8]? {
        guard value.byteCount >= 8, value.byteCount <= DigitsCodec.longest else { return nil }
        var pattern: [UInt8] = []
        var digits = 0
        for place in 0..<value.byteCount {
            let byte = value[place]
            if byte &- UInt8(ascii: "0") < 10 {
                digits += 1
                pattern.append(UInt8(ascii: "0"))
            } else {
                guard clockMarks.contains(byte) else { return nil }
                pattern.append(byte)
            }
        }
        if digits == value.byteCount { return digits == 10 || digits == 13 ? pattern : nil }
        if case .ipv4 = TextShape(value, fixedLength: false) { return nil }
        return digits >= 6 ? pattern : nil
    }

    private static let clockMarks = Array("-:./,TZ+".utf8)

    /// Not where most rows have a value that their skeleton decides, unless all have one value.
    private static func isWorthwhile(
        _ members: [(skeleton: Int, variable: Int)], _ split: TemplateSplit, _ arena: RawSpan
    ) -> Bool {
        var rows = 0
        var constantRows = 0
        for member in members {
            let column = split.skeletons[member.skeleton].columns[member.variable]
            rows += column.count
            if column.count > 1, ColumnEncoder.allEqual(column, arena) { constantRows += column.count }
        }
        guard constantRows * 2 <= rows else { return false }
        let value = split.skeletons[members[0].skeleton].columns[members[0].variable][0]
        switch TextShape(arena.slice(Int(value.offset), Int(value.length)), fixedLength: true) {
        case .uuid: return false
        case .hexadecimal: return value.length < pooledDigits
        case .number: return value.length < longNumber
        default: return true
        }
    }

    private static func equal(_ columns: [[RecordBatch.Slice]], _ position: Int, _ arena: RawSpan) -> Int? {
        let own = columns[position]
        return (0..<position).first { earlier in
            own.indices.allSatisfy { row in
                let other = columns[earlier][row]
                return own[row].length == other.length
                    && arena.slice(Int(own[row].offset), Int(own[row].length))
                        .equals(arena.slice(Int(other.offset), Int(other.length)))
            }
        }
    }

    private mutating func collect(_ split: TemplateSplit) {
        let chosen = groupOf.map { groups in groups.indices.filter { groups[$0] >= 0 } }
        let targets = zip(groupOf, chosen).flatMap { groups, own in own.map { groups[$0] } }
        let variables = ChosenVariables(split, chosen)
        // All groups in one array each, one group behind the other.
        var sizes = [Int](repeating: 0, count: groups.count)
        for (skeleton, own) in chosen.enumerated() {
            for variable in own { sizes[groupOf[skeleton][variable]] += split.skeletons[skeleton].rowCount }
        }
        var starts: [Int] = [0]
        for size in sizes { starts.append(starts[starts.count - 1] + size) }
        var values = [RecordBatch.Slice](repeating: .missing, count: variables.count)
        var rows = [UInt32](repeating: 0, count: variables.count)
        var places = starts
        variables.forEach(split.codes) { row, choice, value in
            let place = places[targets[choice]]
            values[place] = value
            rows[place] = UInt32(row)
            places[targets[choice]] = place + 1
        }
        for group in groups.indices {
            groups[group].values = Array(values[starts[group]..<starts[group + 1]])
            groups[group].rows = Array(rows[starts[group]..<starts[group + 1]])
        }
    }
}
