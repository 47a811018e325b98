import Bytes
import Records

extension JSONWalker {
    /// Behind the closing brace of a record: checks the rest of its line, settles its time and its message, and
    /// counts it.
    @inline(__always)
    mutating func finishRecord(_ state: inout JSONWalkState) -> Bool {
        let mark = entries[state.cursor.entry]
        let place = Int(mark & entryOffset)
        let end = state.cursor.end
        guard place == end || isBlank(end, place), UInt8(truncatingIfNeeded: mark >> 24) == .lineFeed else {
            return fail(.trailing, end) != .stopped
        }
        guard place - state.lineStart <= Limits.recordBytes else { return fail(.tooLong, state.lineStart) != .stopped }
        guard state.cursor.fields <= Limits.fieldsPerRecord else {
            return fail(.tooManyFields, state.lineStart) != .stopped
        }
        guard let time = recordTime(&state) else { return fail(.badTime, state.lineStart) != .stopped }
        times[state.row] = time
        settleMessage(state.row)
        state.row += 1
        state.accepted += 1
        state.lineStart = place + 1
        state.cursor.entry += 1
        state.isInRecord = false
        return true
    }

    /// Settles time and message of records that were read in another way. Returns the first row that holds a strict
    /// time field without a time, or the end.
    mutating func settle(_ rows: Range<Int>, _ state: inout JSONWalkState) -> Int {
        for row in rows {
            state.row = row
            guard let time = recordTime(&state) else { return row }
            times[row] = time
            settleMessage(row)
        }
        return rows.upperBound
    }

    /// The record's own time, taken out of its column, or the arrival time. Nil if a strict time field holds no time.
    @inline(__always)
    private mutating func recordTime(_ state: inout JSONWalkState) -> Int64? {
        var isMistimed = false
        for index in timeCandidates.indices {
            let candidate = timeCandidates[index]
            let cell = candidate.column * stride + state.row
            let slice = cells[cell]
            if slice.length == 0 { continue }
            let isStrict = strictTimes >> UInt64(min(candidate.priority, 63)) & 1 == 1
            switch readTime(slice, isStrict: isStrict, &state) {
            case .time(let time):
                if !keepsTimes { cells[cell] = .missing }
                return time
            case .arrival:
                if !keepsTimes { cells[cell] = .missing }
                return state.arrival
            case .none:
                if isStrict { return nil }
                isMistimed = true
            }
        }
        if isMistimed { state.mistimed += 1 }
        return state.arrival
    }

    @inline(__always)
    private func readTime(_ slice: Slice, isStrict: Bool, _ state: inout JSONWalkState) -> RecordTime {
        let offset = Int(slice.offset)
        if offset >= state.scratchBase {
            let scratch = ByteString(state.scratch[(offset - state.scratchBase)...].prefix(Int(slice.length)))
            return RecordTime(scratch.bytes.rawSpan, isStrict: isStrict, clock: &state.clock)
        }
        return RecordTime(
            bytes.slice(offset, Int(slice.length)), isStrict: isStrict, clock: &state.clock)
    }

    /// Renames the best message field that the record has to `_msg`.
    @inline(__always)
    private mutating func settleMessage(_ row: Int) {
        for index in messageCandidates.indices {
            let column = messageCandidates[index].column
            let cell = column * stride + row
            if cells[cell].length == 0 { continue }
            if column != BatchAssembler.messageColumn {
                cells[BatchAssembler.messageColumn * stride + row] = cells[cell]
                cells[cell] = .missing
            }
            return
        }
    }
}
