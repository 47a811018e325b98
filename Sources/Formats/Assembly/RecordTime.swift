import Bytes

/// What the text of a time field says.
enum RecordTime {
    case time(Int64)
    /// `0`, by which senders ask for the arrival time.
    case arrival
    /// No time at all.
    case none

    /// A number in a field that merely looks like a time (`isStrict` false) counts from 1973 on, since it may be a
    /// duration.
    @inline(__always)
    init(_ text: RawSpan, isStrict: Bool, clock: inout TimestampText) {
        if let time = clock.parse(text) {
            let isDate = text.byteCount >= 10 && text[4] == UInt8(ascii: "-")
            if isDate || isStrict || time >= RecordTime.firstPlausible {
                self = time == 0 && !isDate ? .arrival : .time(time)
                return
            }
        }
        self = .none
    }

    /// 10⁸ seconds: 1973-03-03.
    static let firstPlausible: Int64 = 100_000_000 * 1_000_000_000
}
