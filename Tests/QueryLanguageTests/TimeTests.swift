import QueryLanguage
import Records
import Testing

@Suite struct TimeTests {
    /// 2024-05-15T12:00:00Z.
    static let now: Int64 = 1_715_774_400_000_000_000
    static let second: Int64 = 1_000_000_000
    static let minute: Int64 = 60 * second
    static let day: Int64 = 86_400 * second

    static func utc(_ year: Int, _ month: Int, _ day: Int, _ seconds: Int64 = 0) -> Int64 {
        CivilDate(year: year, month: month, day: day).daysSinceEpoch * Self.day + seconds * second
    }

    static func filter(_ text: String) throws -> TimeFilter {
        guard case .time(let filter) = try QueryParser.parseFilter("_time:" + text) else {
            throw QueryError("no time filter", offset: 0)
        }
        return filter
    }

    static let ranges: [(String, ClosedRange<Int64>?)] = [
        ("5m", now - 5 * minute + 1...now),
        ("offset 1h", Int64.min...now - 60 * minute),
        ("5m offset 1h", now - 65 * minute + 1...now - 60 * minute),
        (">5m", Int64.min...now - 5 * minute - 1),
        (">=5m", Int64.min...now - 5 * minute),
        ("<5m", now - 5 * minute + 1...now),
        ("2023-04-25Z", utc(2023, 4, 25)...utc(2023, 4, 26) - 1),
        ("2023-02Z", utc(2023, 2, 1)...utc(2023, 3, 1) - 1),
        ("2024-02-29", utc(2024, 2, 29)...utc(2024, 3, 1) - 1),
        ("2023Z", utc(2023, 1, 1)...utc(2024, 1, 1) - 1),
        ("2023-04-25T22Z", utc(2023, 4, 25, 22 * 3600)...utc(2023, 4, 25, 23 * 3600) - 1),
        ("2023-04-25T22:45Z", utc(2023, 4, 25, 81_900)...utc(2023, 4, 25, 81_960) - 1),
        ("2023-04-25T22:45:59Z", utc(2023, 4, 25, 81_959)...utc(2023, 4, 25, 81_960) - 1),
        ("2023-04-25T22:45:59.5Z", utc(2023, 4, 25, 81_959) + 500_000_000...utc(2023, 4, 25, 81_959) + 500_000_000),
        ("2023-04-25+05:30", utc(2023, 4, 25) - 330 * minute...utc(2023, 4, 26) - 330 * minute - 1),
        ("2023-02-07:00", utc(2023, 2, 1) + 420 * minute...utc(2023, 3, 1) + 420 * minute - 1),
        (">2023-04-25Z", utc(2023, 4, 25) + 1...Int64.max),
        (">=2023-04-25Z", utc(2023, 4, 25)...Int64.max),
        ("<2023-04-25Z", Int64.min...utc(2023, 4, 25) - 1),
        ("<=2023-04-25Z", Int64.min...utc(2023, 4, 26) - 1),
        ("[2023-04-01Z, 2023-04-30Z]", utc(2023, 4, 1)...utc(2023, 5, 1) - 1),
        ("[2023-02-01Z, 2023-03-01Z)", utc(2023, 2, 1)...utc(2023, 3, 1) - 1),
        ("[2023-02-01Z, 2023-03-01Z) offset 1w", utc(2023, 1, 25)...utc(2023, 2, 22) - 1),
        ("(now-1h, now]", now - 60 * minute + 1...now),
        ("[1h, 5m]", now - 60 * minute...now - 5 * minute),
        ("[1700000000, 1700000001)", 1_700_000_000 * second...1_700_000_001 * second - 1),
        ("[1700000000000, 1700000001000)", 1_700_000_000 * second...1_700_000_001 * second - 1),
        ("[1700000000.5, 1700000001)", 1_700_000_000 * second + 500_000_000...1_700_000_001 * second - 1),
        ("[2024Z, 2023Z)", nil),
        ("[0001-01-01Z, 9999-12-31Z]", Int64.min...Int64.max),
        (">=2300-01-01T00:00:00Z", Int64.max...Int64.max),
        ("290y", now - 290 * 365 * day + 1...now),
        ("day_range[08:00, 18:00)", Int64.min...Int64.max),
    ]

    @Test(arguments: ranges) func range(_ text: String, expected: ClosedRange<Int64>?) throws {
        #expect(try Self.filter(text).range(now: Self.now) == expected)
    }

    static let dayCases: [(String, Int64, Bool)] = [
        ("day_range[08:00, 18:00)", 8 * 3600, true), ("day_range[08:00, 18:00)", 18 * 3600, false),
        ("day_range(08:00, 18:00]", 8 * 3600, false), ("day_range(08:00, 18:00]", 18 * 3600, true),
        ("day_range[08:00, 18:00) offset 2h", 10 * 3600, true), ("day_range[08:00, 18:00) offset 2h", 8 * 3600, false),
        ("day_range[00:00, 24:00]", 86_399, true), ("day_range[18:00, 08:00]", 0, false),
    ]

    @Test(arguments: dayCases)
    func dayRange(_ text: String, seconds: Int64, matches: Bool) throws {
        let filter = try Self.filter(text)
        for base in [Self.utc(2024, 5, 15), Self.utc(1969, 12, 31), Self.utc(1700, 1, 1)] {
            #expect(filter.matches(base + seconds * Self.second, now: Self.now) == matches)
        }
    }

    static let weekCases: [(String, [Int])] = [
        ("week_range[Mon, Fri]", [13, 14, 15, 16, 17]), ("week_range(Sun, Sat)", [13, 14, 15, 16, 17]),
        ("week_range[Sun, Sun]", [12]), ("week_range[Sat, Sun]", []),
    ]

    @Test(arguments: weekCases)
    func weekRange(_ text: String, days: [Int]) throws {
        let filter = try Self.filter(text)
        // 12 May 2024 was a Sunday.
        for day in 12...18 {
            #expect(filter.matches(Self.utc(2024, 5, day), now: 0) == days.contains(day))
            #expect(filter.matches(Self.utc(2024, 5, day, 86_399), now: 0) == days.contains(day))
        }
        // The eleventh, by two hours west.
        #expect(try Self.filter("week_range[Sat, Sat] offset 2h").matches(Self.utc(2024, 5, 12, 3600), now: 0))
    }
}
