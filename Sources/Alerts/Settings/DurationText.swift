/// Durations as Prometheus writes them: `30s`, `5m`, `1h30m`, `1d`, `2w`, `1y`, `250ms`, and `0`.
public enum DurationText {
    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("y", 365 * 86_400_000_000_000), ("w", 7 * 86_400_000_000_000), ("d", 86_400_000_000_000),
        ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000),
    ]

    /// Nanoseconds, or nil if the text is no duration or too long for 64 bits. Units may be repeated downwards only.
    public static func parse(_ text: String) -> Int64? {
        if text == "0" { return 0 }
        var total: Int64 = 0
        var rest = text.utf8[...]
        var lastUnit = Int64.max
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            let letters = rest.dropFirst(digits.count).prefix { (0x61...0x7A).contains($0) }
            guard let count = Int64(String(Substring(digits))),
                let unit = units.first(where: { $0.name.utf8.elementsEqual(letters) }), unit.nanoseconds < lastUnit
            else { return nil }
            let (product, overflow) = count.multipliedReportingOverflow(by: unit.nanoseconds)
            let (sum, overflowToo) = total.addingReportingOverflow(product)
            guard !overflow, !overflowToo else { return nil }
            total = sum
            lastUnit = unit.nanoseconds
            rest = rest.dropFirst(digits.count + letters.count)
        }
        return total
    }

    /// The shortest text that reads back as the same, to the millisecond.
    public static func print(_ nanoseconds: Int64) -> String {
        var rest = max(0, nanoseconds) / 1_000_000 * 1_000_000
        var text = ""
        for unit in units where rest >= unit.nanoseconds && unit.name != "y" && unit.name != "w" {
            text += "\(rest / unit.nanoseconds)\(unit.name)"
            rest %= unit.nanoseconds
        }
        return text.isEmpty ? "0s" : text
    }
}
