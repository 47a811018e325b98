/// The spans of two windows with whom they called and the time that was their own.
///
/// A record is a span if it has a trace and a duration. Parents come from the parents' IDs; where too few are known,
/// from which span lies within which.
struct SpanForest {
    struct Span {
        var row: Int32
        var parent: Int32 = -1
        /// Milliseconds, as far as the unit is known.
        var duration: Float
        /// What remains without the spans that it called.
        var own: Float
        var isAfter: Bool
        var isError: Bool
        /// An error of its own: no span that it called failed.
        var isOrigin: Bool
        var service: UInt16
        var operation: UInt16
        /// Services that it called, in order, each once.
        var callees: [UInt16] = []
    }

    private(set) var spans: [Span] = []

    /// O(rows · log rows).
    init(_ rows: WindowRows) {
        var ofSpan: [UInt64: Int32] = [:]
        for (index, row) in rows.rows.enumerated() where row.trace != 0 && !row.duration.isNaN && row.service != 0 {
            if row.span != 0 {
                // Some systems write a span twice, once a service: the longer one called the shorter.
                let key = row.span ^ row.trace
                if ofSpan[key] == nil { ofSpan[key] = Int32(spans.count) }
            }
            spans.append(
                Span(
                    row: Int32(index), duration: row.duration, own: row.duration, isAfter: row.isAfter,
                    isError: row.isError, isOrigin: row.isError, service: row.service, operation: row.operation))
        }
        link(rows, ofSpan)
        let known = spans.count { $0.parent >= 0 }
        if known * 10 < spans.count { linkByTime(rows) }
        measure(rows)
    }

    private mutating func link(_ rows: WindowRows, _ ofSpan: [UInt64: Int32]) {
        for index in spans.indices {
            let row = rows.rows[Int(spans[index].row)]
            guard row.parent != 0, let parent = ofSpan[row.parent ^ row.trace], parent != Int32(index) else { continue }
            spans[index].parent = parent
        }
        // Damaged records may form circles.
        for index in spans.indices {
            var place = spans[index].parent
            var steps = 0
            while place >= 0 && steps < 200 { (place, steps) = (spans[Int(place)].parent, steps + 1) }
            if steps == 200 { spans[index].parent = -1 }
        }
    }

    /// When a span began and ended, in milliseconds after the windows' beginning.
    private func interval(_ span: Span, _ rows: WindowRows, timeIsEnd: Bool) -> (start: Double, end: Double) {
        let origin = min(rows.baseline.lowerBound, rows.window.lowerBound)
        let time = Double(rows.rows[Int(span.row)].time - origin) / 1e6
        return timeIsEnd ? (time - Double(span.duration), time) : (time, time + Double(span.duration))
    }

    /// A span that lies within another of its trace was called by the shortest such.
    private mutating func linkByTime(_ rows: WindowRows) {
        let timeIsEnd = false
        let order = spans.indices.sorted { left, right in
            let (first, second) = (rows.rows[Int(spans[left].row)].trace, rows.rows[Int(spans[right].row)].trace)
            if first != second { return first < second }
            let (one, other) = (
                interval(spans[left], rows, timeIsEnd: timeIsEnd), interval(spans[right], rows, timeIsEnd: timeIsEnd)
            )
            return (one.start, -one.end) < (other.start, -other.end)
        }
        var open: [Int] = []
        var trace: UInt64 = 0
        for index in order {
            let row = rows.rows[Int(spans[index].row)]
            if row.trace != trace { open.removeAll() }
            trace = row.trace
            let own = interval(spans[index], rows, timeIsEnd: timeIsEnd)
            while let last = open.last, interval(spans[last], rows, timeIsEnd: timeIsEnd).end + 1 < own.end {
                open.removeLast()
            }
            spans[index].parent = open.last.map { Int32($0) } ?? -1
            open.append(index)
        }
    }

    /// Own times, callees and whose errors are whose.
    private mutating func measure(_ rows: WindowRows) {
        var children = [[Int32]](repeating: [], count: spans.count)
        for index in spans.indices where spans[index].parent >= 0 {
            children[Int(spans[index].parent)].append(Int32(index))
        }
        // Whether records carry the time of their beginning or of their end shows in how calls lie in their callers.
        var votes = (begin: 0, end: 0)
        for index in spans.indices.prefix(20_000) where spans[index].parent >= 0 {
            let parent = spans[Int(spans[index].parent)]
            for timeIsEnd in [false, true] {
                let inner = interval(spans[index], rows, timeIsEnd: timeIsEnd)
                let outer = interval(parent, rows, timeIsEnd: timeIsEnd)
                guard inner.start >= outer.start - 0.5, inner.end <= outer.end + 0.5 else { continue }
                if timeIsEnd { votes.end += 1 } else { votes.begin += 1 }
            }
        }
        let timeIsEnd = votes.end > votes.begin
        for index in spans.indices where !children[index].isEmpty {
            let outer = interval(spans[index], rows, timeIsEnd: timeIsEnd)
            let inner = children[index].map { interval(spans[Int($0)], rows, timeIsEnd: timeIsEnd) }.sorted {
                $0.start < $1.start
            }
            var covered = 0.0
            var reach = outer.start
            for one in inner {
                let start = max(one.start, reach)
                let end = min(one.end, outer.end)
                if end > start { covered += end - start }
                reach = max(reach, end)
            }
            let sum = children[index].reduce(0) { $0 + Double(spans[Int($1)].duration) }
            // Clocks that disagree put calls outside of their callers: then the sum says more.
            let within =
                covered > 0.7 * min(sum, Double(spans[index].duration))
                ? covered : min(sum, Double(spans[index].duration))
            spans[index].own = Float(max(0, Double(spans[index].duration) - within))
            var callees: Set<UInt16> = []
            for child in children[index] {
                if spans[Int(child)].service != spans[index].service { callees.insert(spans[Int(child)].service) }
                if spans[Int(child)].isError { spans[index].isOrigin = false }
            }
            spans[index].callees = callees.sorted()
        }
    }
}
