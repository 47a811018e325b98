import Bytes

extension QueryPrinter {
    mutating func writeTime(_ time: TimeFilter) {
        write("_time:")
        writeTimeForm(time)
    }

    /// What follows `_time:`.
    mutating func writeTimeForm(_ time: TimeFilter) {
        if time.hasEqualsSign { write("=") }
        switch time.form {
        case .last(let duration): writeLiteral(duration.text)
        case .period(let point): writeLiteral(point.text)
        case .compare(let comparator, let point):
            write(comparator.rawValue)
            writeLiteral(point.text)
        case .between(let lower, let includesLower, let upper, let includesUpper):
            write(includesLower ? "[" : "(")
            writeLiteral(lower.text)
            write(",")
            writeLiteral(upper.text)
            write(includesUpper ? "]" : ")")
        case .untilNow: break
        case .dayRange(let range):
            writeEnds(
                "day_range", clock(range.lowerMinute), range.includesLower, clock(range.upperMinute),
                range.includesUpper)
        case .weekRange(let range):
            writeEnds("week_range", range.lowerText, range.includesLower, range.upperText, range.includesUpper)
        }
        guard let offset = time.offset else { return }
        write(time.form == .untilNow ? "offset " : " offset ")
        writeLiteral(offset.text)
    }

    private mutating func writeEnds(
        _ name: String, _ lower: String, _ includesLower: Bool, _ upper: String, _ includesUpper: Bool
    ) {
        write(name + (includesLower ? "[" : "(") + lower + ", " + upper + (includesUpper ? "]" : ")"))
    }

    private func clock(_ minute: Int) -> String {
        func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return twoDigits(minute / 60) + ":" + twoDigits(minute % 60)
    }
}
