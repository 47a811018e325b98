import Bytes
import Records

/// Filling one row at a time, for the formats whose speed does not depend on it.
extension BatchAssembler {
    /// Opens a row; a batch that is full is completed first.
    mutating func beginRow(bytes: Int, records: Int) {
        if rowsLeft <= 0 || arena.count + bytes > Limits.bytesPerBatch { close(records: records) }
        takeWideRowsIfMany()
        reserveRows(1)
    }

    /// Copies a value into the open row. O(length).
    mutating func set(_ column: Int, _ value: RawSpan) {
        guard column >= 0 else { return }
        let offset = arena.count
        arena.append(copying: value)
        setSlice(column, Slice(offset: UInt32(offset), length: UInt32(value.byteCount)))
    }

    mutating func set(_ column: Int, _ value: [UInt8]) { set(column, value.rawSpan) }

    mutating func setSlice(_ column: Int, _ slice: Slice) {
        guard column >= 0 else { return }
        cells[column * stride + rows] = slice.length == 0 ? .missing : slice
    }

    /// Settles time and message of the open row and counts it in. False if a strict time field holds no time: then
    /// the row is cleared.
    mutating func finishRow(time ownTime: Int64?, arrival: Int64, clock: inout TimestampText, mistimed: inout Int)
        -> Bool
    {
        var time = ownTime
        var isMistimed = false
        for candidate in timeCandidates where time == nil {
            let slice = cells[candidate.column * stride + rows]
            if slice.length == 0 { continue }
            let isStrict = isStrictTime(candidate.column)
            let text = ByteString(arena[slice.range])
            switch RecordTime(text.bytes.rawSpan, isStrict: isStrict, clock: &clock) {
            case .time(let value): time = value
            case .arrival: time = arrival
            case .none:
                isMistimed = true
                if isStrict {
                    badTimeField = names[candidate.column]
                    clearRow(rows)
                    return false
                }
                continue
            }
            isMistimed = false
            if !options.keepsTimes { cells[candidate.column * stride + rows] = .missing }
        }
        if isMistimed { mistimed += 1 }
        times[rows] = time ?? arrival
        settleMessage()
        rows += 1
        return true
    }

    /// The strict time field that a refused row holds, not cleared yet.
    func badTime(row: Int) -> (name: ByteString, value: Slice)? {
        for candidate in timeCandidates where isStrictTime(candidate.column) {
            let value = cells[candidate.column * stride + row]
            if value.length > 0 { return (names[candidate.column], value) }
        }
        return nil
    }

    private mutating func settleMessage() {
        for candidate in messageCandidates {
            let cell = candidate.column * stride + rows
            guard cells[cell].length > 0 else { continue }
            if candidate.column != Self.messageColumn {
                setSlice(Self.messageColumn, cells[cell])
                cells[cell] = .missing
            }
            return
        }
    }
}
