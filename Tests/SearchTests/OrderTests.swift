import Bytes
import QueryLanguage
import Records
import Search
import Segments
import TestSupport
import Testing

/// The order of values: one order, whatever is compared with what, and the same for everything that orders.
@Suite struct OrderTests {
    /// Values of every kind, and some that are nearly of another.
    static let mixed = [
        "", "0", "-0", "0.0", "00", "7", "007", "7.0", "12", "012", "-5", "-10", "+5", ".5", "5.", "1.5", "1.25", "1e5",
        "1E5", "1_000", "0x1F", "0a0", "0a00", "0a0cc672", "0a00d96f", "0a0df7ad", "12345678", "123456e7", "1234567a",
        "18446744073709551614", "18446744073709551615", "18446744073709551616", "1.8446744073709551616e19",
        "9223372036854775806", "9223372036854775807", "9223372036854775808", "9223372036854775807.0",
        "-9223372036854775807", "-9223372036854775808", "-9223372036854775809", "9007199254740993",
        "9007199254740992.0", "99999999999999999999999", "99999999999999999999999x", "inf", "-inf", "NaN", "5m", "300s",
        "10s", "1.5h", "10KiB", "9KB", "1MiB", "1048576", "1.2.3.4", "1.2.3.10", "10.0.0.1", "10.0.0.1:80", "9.0.0.1",
        "2025-12-01", "2025-12-01T00:00:00Z", "2025-12-01T01:00:00+01:00", "2025-12-01T00:00:00.5Z", "2025", "2026",
        "2026-01-01T00:00:00Z", "a", "a1", "a01", "a001", "a1b", "a01a", "a-1", "aa", "a b", "A", "GET", "x9", "x009",
        "x10", "_x", "-x", " pad", "é", "日本", "error 5", "error 10", "true", "1 2", "i", "int", "0b2",
    ]

    private static func random(_ random: inout SplitMix) -> String {
        let parts = [
            "0", "00", "1", "9", "10", "2025", "a", "e", "E", "x", "-", "+", ".", "m", "s", "K", "B", " ", "_", ":",
        ]
        let count = Int.random(in: 1...4, using: &random)
        return (0..<count).map { _ in parts.randomElement(using: &random)! }.joined()
    }

    /// Every pair of values in a partition of its own, both ways round.
    @Test(arguments: [1, 2] as [UInt64]) func noThreeValuesAreInACircle(_ seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let values = seed == 1 ? Self.mixed : Array(Set((0..<80).map { _ in Self.random(&random) })).sorted()
        var rows: [Fields] = []
        for left in values.indices {
            for right in values.indices where left != right {
                rows += [left, right].map { [("p", "\(left),\(right)"), ("n", "\($0)"), ("v", values[$0])] }
            }
        }
        let first = try answer("* | sort by (v) partition by (p) limit 1 | fields p, n", rows)
        var isFirst = [[Bool]](repeating: Array(repeating: false, count: values.count), count: values.count)
        for row in first {
            let pair = row[0].1.split(separator: ",").map { Int($0)! }
            isFirst[pair[0]][pair[1]] = Int(row[1].1) == pair[0]
        }
        // Of equal values the one that came first is first.
        func isBefore(_ left: Int, _ right: Int) -> Bool { isFirst[left][right] && !isFirst[right][left] }
        func isEqual(_ left: Int, _ right: Int) -> Bool { isFirst[left][right] && isFirst[right][left] }
        for left in values.indices {
            for right in values.indices where left != right {
                let wanted = SlowEngine.compare(values[left], values[right])
                #expect(isBefore(left, right) == (wanted < 0), "\(values[left]) and \(values[right])")
                #expect(isEqual(left, right) == (wanted == 0), "\(values[left]) and \(values[right])")
                for third in values.indices where third != left && third != right {
                    let isBroken =
                        isBefore(left, right) && isBefore(right, third) && !isBefore(left, third)
                        || isEqual(left, right) && isEqual(right, third) && !isEqual(left, third)
                    if isBroken { Issue.record("\(values[left]), \(values[right]), \(values[third])") }
                }
            }
        }
    }

    /// Whatever orders does so in the one order, whatever the blocks are, and descending is ascending turned round.
    @Test(arguments: [1, 2, 3] as [UInt64]) func everythingOrdersAlike(_ seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let values = (Self.mixed + (0..<200).map { _ in Self.random(&random) }).shuffled(using: &random)
        let rows = values.enumerated().map { index, value in
            (time: testNow + Int64(index) * 1_000_000_000, fields: [("i", "\(index)"), ("v", value)] as Fields)
        }
        let ascending = values.indices.sorted { left, right in
            let order = SlowEngine.compare(values[left], values[right])
            return order == 0 ? left < right : order < 0
        }
        let descending = values.indices.sorted { left, right in
            let order = SlowEngine.compare(values[left], values[right])
            return order == 0 ? left < right : order > 0
        }
        let layers = [
            MemorySnapshot([RecordBatch(rows: rows)]),
            MemorySnapshot(
                stride(from: 0, to: rows.count, by: 7).map {
                    RecordBatch(rows: Array(rows[$0..<min($0 + 7, rows.count)]))
                }),
            MemorySnapshot(
                blocks: try stride(from: 0, to: rows.count, by: 50).map {
                    try DifferentialTests.encode(rows[$0..<min($0 + 50, rows.count)])
                }),
        ]
        for snapshot in layers {
            for workers in [1, 2] {
                func places(_ query: String) throws -> [Int] {
                    try answer(query, over: snapshot, workers: workers, shape: .fieldSets).rows.map { Int($0[0].1)! }
                }
                #expect(try places("* | sort by (v) | fields i") == ascending)
                #expect(try places("* | sort by (v desc) | fields i") == descending)
                for limit in [1, 2, 30, 250] {
                    #expect(try places("* | sort by (v) limit \(limit) | fields i") == Array(ascending.prefix(limit)))
                    #expect(
                        try places("* | sort by (v desc, i) limit \(limit) | fields i")
                            == Array(descending.prefix(limit)))
                }
                let stats = try answer(
                    "* | stats min(v) a, max(v) b, quantile(0, v) c, quantile(1, v) d, row_max(v, i) e",
                    over: snapshot, workers: workers, shape: .fieldSets
                ).rows[0]
                let largest = values[descending[0]]
                #expect(stats.first { $0.0 == "a" } == nil && stats.first { $0.0 == "c" } == nil)
                for name in ["b", "d"] {
                    let found = stats.first { $0.0 == name }!.1
                    #expect(SlowEngine.compare(found, largest) == 0, "\(name): \(found)")
                }
                #expect(stats.first { $0.0 == "e" }!.1 == "{\"i\":\"\(descending[0])\"}")
            }
        }
    }

    /// Not more than the documented order says, said once more by hand.
    @Test func knownOrders() throws {
        for text in [
            "0a0 0a0cc 0a0df 0a00 0a00d", "a1 a1b a01 a01a a001 a001b", "x9 x009 x10",
            "9223372036854775807 9223372036854775808 18446744073709551615 18446744073709551616 1e20",
            "-1e20 -9223372036854775809 -9223372036854775808 -5 -1.5 0 1.5 10s 5m 1h",
            "1.2.3.4 1.2.3.10 1.10.0.0 10.0.0.1",
            "0a 1a2b3c4d 5 5.5 12345678 12345679a A a", "2024 2025-01-01T00:00:00Z 2026 2026x",
        ] {
            let values = text.split(separator: " ").map(String.init)
            let rows = values.reversed().map { [("v", $0)] as Fields }
            #expect(try answer("* | sort by (v)", rows).map { $0[0].1 } == values)
        }
    }
}
