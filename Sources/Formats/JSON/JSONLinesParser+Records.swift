import Bytes
import CKernels
import Records

/// Records of the usual form, which a kernel reads one after the other without an index of their structure. What it
/// leaves is indexed and walked a line at a time, and windows in which that is much, as a whole.
extension JSONLinesParser {
    /// Escaped values that are resolved at a time: more than one record can have.
    static let escapedValues = 4_096
    /// Windows that are walked as a whole after one that was not of the usual form, at most.
    static let longestPause = 16

    /// Reads whole lines and returns how many bytes it took: all, unless the batch became too long or too wide on the
    /// way. The lines are marked.
    mutating func readRecords(_ padded: RawSpan, _ count: Int) -> Int {
        var endRow = assembler.rows + min(max(assembler.rowsAtOnce, 1), marks.lines)
        assembler.reserveRows(endRow - assembler.rows)
        var place = plumb_json_place(line: 0, mark: 0, slash: 0, row: assembler.rows, escaped_count: 0)
        var irregular = 0
        while place.line < count && assembler.rows < endRow {
            let first = (row: assembler.rows, line: place.line)
            let isIrregular = readUsualRecords(padded, count, endRow, &place)
            resolveEscapes(padded, place.escaped_count)
            if let refused = settleRows(padded, first.row..<place.row) {
                pauseUsual()
                return walkLines(padded, line(refused - first.row, padded, from: first.line)..<count)
            }
            guard isIrregular else { continue }
            irregular += 1
            let end = firstIndex(of: .lineFeed, in: padded, from: place.line)! + 1
            let taken = walkLines(padded, place.line..<end, isReserved: true)
            if taken < end { return taken }
            place.line = end
            place.row = assembler.rows
            // A line with new fields leaves room for fewer rows.
            endRow = min(endRow, assembler.rows + max(assembler.rowsLeft, 0))
        }
        if irregular * 4 > marks.lines {
            pauseUsual()
        } else {
            pause = 0
        }
        return place.line
    }

    /// Leaves the next windows to the walk: twice as many as last time.
    private mutating func pauseUsual() {
        pause = min(max(1, pause * 2), Self.longestPause)
        windowsToWalk = pause
    }

    /// Where the line begins that is `number` lines behind `start`.
    private func line(_ number: Int, _ bytes: RawSpan, from start: Int) -> Int {
        var place = start
        for _ in 0..<number { place = firstIndex(of: .lineFeed, in: bytes, from: place)! + 1 }
        return place
    }

    /// Reads records as long as they are of the usual form. True before a line that is not.
    private mutating func readUsualRecords(
        _ padded: RawSpan, _ count: Int, _ endRow: Int, _ place: inout plumb_json_place
    ) -> Bool {
        let marks = marks
        var escaped = exchange(&escaped, [])
        defer { self.escaped = escaped }
        place.escaped_count = 0
        return withWalker(padded, entries: 0) { walker, state in
            walker.readRecords(marks, count, endRow, &place, &state, &escaped)
        }
    }

    /// Puts resolved text in place of what was written with escapes. The kernel has seen that JSON knows them.
    private mutating func resolveEscapes(_ padded: RawSpan, _ count: Int) {
        for entry in 0..<count {
            let cell = Int(escaped[entry])
            let slice = assembler.cells[cell]
            // Of equal keys in a record the last wins: its text may be resolved already, or it may have none.
            if slice.length == 0 || Int(slice.offset) >= state.scratchBase { continue }
            let from = state.scratch.count
            let fault = appendUnescapedJSON(padded.slice(Int(slice.offset), Int(slice.length)), to: &state.scratch)
            precondition(fault == nil)
            assembler.cells[cell] = RecordBatch.Slice(
                offset: UInt32(state.scratchBase + from), length: UInt32(state.scratch.count - from))
        }
    }

    /// Settles times and messages of rows and counts them in. A row whose time is refused, if there is one: neither it
    /// nor those behind it count then.
    private mutating func settleRows(_ padded: RawSpan, _ rows: Range<Int>) -> Int? {
        state.mistimed = 0
        let end = withWalker(padded, entries: 0) { walker, state in walker.settle(rows, &state) }
        assembler.rows = end
        counts.accepted += end - rows.lowerBound
        counts.lines += end - rows.lowerBound
        counts.mistimed += state.mistimed
        guard end < rows.upperBound else { return nil }
        // The row behind them may hold what was read of a line that is not of the usual form.
        for row in end..<min(rows.upperBound + 1, assembler.stride) { assembler.clearRow(row) }
        return end
    }
}
