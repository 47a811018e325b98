extension Waterfall {
    /// Draws the trace for a terminal: a line a record with its time, service, bar and message.
    ///
    /// - Parameters:
    ///   - columns: the terminal's width; longer messages are cut.
    ///   - colored: whether to colour by level (ANSI).
    public func lines(columns: Int, colored: Bool) -> [String] {
        guard !rows.isEmpty else { return [] }
        let serviceWidth = min(24, rows.map { $0.depth * 2 + $0.service.count }.max() ?? 0)
        let barWidth = max(16, min(48, (columns - serviceWidth - 32) / 2))
        let labelWidth = max(10, columns - serviceWidth - barWidth - 26)
        let span = Double(max(1, end - start))
        return rows.map { row in
            let offset = Self.milliseconds(row.start - start)
            let length = row.end > row.start ? Self.milliseconds(row.end - row.start) : ""
            let service = String((String(repeating: "  ", count: min(row.depth, 8)) + row.service).prefix(serviceWidth))
            let bar = Self.bar(
                from: Double(row.start - start) / span, to: Double(row.end - start) / span, width: barWidth)
            let text =
                "\(Self.pad(offset, 9, left: true)) \(Self.pad(service, serviceWidth)) │\(bar)│ "
                + "\(Self.pad(length, 9, left: true))  \(row.label.prefix(labelWidth))"
            return colored ? Self.color(of: row.level) + text + "\u{1B}[0m" : text
        }
    }

    private static func bar(from: Double, to: Double, width: Int) -> String {
        let first = min(width - 1, Int(from * Double(width)))
        let last = min(width - 1, max(first, Int((to * Double(width)).rounded(.up)) - 1))
        let mark = to > from ? "█" : "·"
        return String(repeating: " ", count: first) + String(repeating: mark, count: last - first + 1)
            + String(repeating: " ", count: width - last - 1)
    }

    private static func milliseconds(_ nanoseconds: Int64) -> String {
        let tenths = (nanoseconds + 50_000) / 100_000
        return "\(tenths / 10).\(tenths % 10) ms"
    }

    private static func pad(_ text: String, _ width: Int, left: Bool = false) -> String {
        let fill = String(repeating: " ", count: max(0, width - text.count))
        return left ? fill + text : text + fill
    }

    private static func color(of level: String) -> String {
        switch level.lowercased() {
        case "error", "fatal", "critical": "\u{1B}[31m"
        case "warn", "warning": "\u{1B}[33m"
        case "debug", "trace": "\u{1B}[2m"
        default: "\u{1B}[39m"
        }
    }
}
