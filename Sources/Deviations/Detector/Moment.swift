/// Where a time stands in the day and in the week (UTC).
struct Moment {
    /// 0..<1.
    var shareOfDay: Double
    /// Monday is 0.
    var weekday: Int
    var nanoseconds: Int64

    init(_ nanoseconds: Int64) {
        let day: Int64 = 86_400_000_000_000
        var days = nanoseconds / day
        var rest = nanoseconds % day
        if rest < 0 {
            rest += day
            days -= 1
        }
        self.nanoseconds = nanoseconds
        shareOfDay = Double(rest) / Double(day)
        weekday = Int(((days + 3) % 7 + 7) % 7)
    }
}
