import Bytes

/// Durations as the language prints them.
public enum DurationText {
    private static let large: [(nanoseconds: UInt64, name: StaticString)] = [
        (604_800_000_000_000, "w"), (86_400_000_000_000, "d"), (3_600_000_000_000, "h"), (60_000_000_000, "m"),
    ]
    private static let small: [(nanoseconds: UInt64, name: StaticString)] = [
        (1_000_000, "ms"), (1_000, "µs"), (1, "ns"),
    ]

    /// `1w2d`, `1h33m5.25s`, `12ms500µs`, `-5m`, `0`: from weeks down, with a fraction of seconds only where there are
    /// whole ones. O(1).
    public static func append(_ nanoseconds: Int64, to output: inout [UInt8]) {
        if nanoseconds == 0 { return output.append(UInt8(ascii: "0")) }
        if nanoseconds < 0 { output.append(UInt8(ascii: "-")) }
        var rest = nanoseconds.magnitude
        for unit in large { appendPart(&rest, unit, to: &output) }
        let second: UInt64 = 1_000_000_000
        guard rest < second else {
            output += Array("\(rest / second)".utf8)
            appendFraction(rest % second, to: &output)
            return output.append(UInt8(ascii: "s"))
        }
        for unit in small { appendPart(&rest, unit, to: &output) }
    }

    private static func appendPart(
        _ rest: inout UInt64, _ unit: (nanoseconds: UInt64, name: StaticString), to output: inout [UInt8]
    ) {
        guard rest >= unit.nanoseconds else { return }
        output += Array("\(rest / unit.nanoseconds)\(unit.name)".utf8)
        rest %= unit.nanoseconds
    }

    /// The digits behind the point of `nanoseconds / 1e9`, without zeros at the end.
    private static func appendFraction(_ nanoseconds: UInt64, to output: inout [UInt8]) {
        guard nanoseconds > 0 else { return }
        let digits = Array("\(nanoseconds + 1_000_000_000)".utf8.dropFirst())
        let last = digits.lastIndex { $0 != UInt8(ascii: "0") } ?? 0
        output += [UInt8(ascii: ".")] + digits[...last]
    }
}
