/// How days with few rows share a segment: one of its own would cost more than what it holds.
package struct DaySharing {
    /// Encoded bytes of neighbouring days that share one, in the memory table or in segments.
    package var bytes: Int
    /// Days from the first to the last of them, at most.
    package var days: Int

    static let none = DaySharing(bytes: 0, days: 1)

    /// Runs of neighbours that share a segment; the others alone. `entries` are in the order of their days.
    func runs(_ entries: [(days: ClosedRange<Int>, bytes: Int)]) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        var start = 0
        var bytes = 0
        for (index, entry) in entries.enumerated() {
            let isFitting =
                index > start && bytes + entry.bytes <= self.bytes
                && entry.days.upperBound - entries[start].days.lowerBound < days
            if !isFitting, index > start {
                runs.append(start..<index)
                start = index
                bytes = 0
            }
            bytes += entry.bytes
        }
        if start < entries.count { runs.append(start..<entries.count) }
        return runs
    }
}
