import Bytes
import Records

/// Reads a time as people and programs write it.
public enum TimeText {
    /// Nanoseconds since the epoch of `2014-02-14 14:30:00`, `2014-02-14T14:30:00.25+01:00`, `2014-02-14`, or a number
    /// of seconds, milliseconds, microseconds or nanoseconds since the epoch, told apart by size; nil for anything
    /// else. Without a zone it is UTC. O(length).
    public static func nanoseconds(_ text: ByteString) -> Int64? {
        let trimmed = text.bytes.filter { $0 != UInt8(ascii: "\"") }
        if let civil = civil(trimmed) { return civil }
        guard let number = NumberText.double(trimmed.rawSpan) else { return nil }
        let magnitude = abs(number)
        let factor = magnitude < 1e11 ? 1e9 : magnitude < 1e14 ? 1e6 : magnitude < 1e17 ? 1e3 : 1
        let nanoseconds = (number * factor).rounded()
        return abs(nanoseconds) < 9.2e18 ? Int64(nanoseconds) : nil
    }

    private static func civil(_ bytes: [UInt8]) -> Int64? {
        var scanner = DigitScanner(bytes: bytes)
        guard let year = scanner.number(digits: 4...4), scanner.skip(where: { $0 == 45 || $0 == 47 }),
            let month = scanner.number(digits: 1...2), (1...12).contains(month),
            scanner.skip(where: { $0 == 45 || $0 == 47 }), let day = scanner.number(digits: 1...2), day >= 1,
            day <= CivilDate.days(inMonth: month, ofYear: year), (1678...2261).contains(year)
        else { return nil }
        var seconds = CivilDate(year: year, month: month, day: day).daysSinceEpoch * 86_400
        var fraction: Int64 = 0
        if scanner.skip(where: { $0 == 32 || $0 == 84 || $0 == 116 }) {
            guard let clock = clock(&scanner) else { return nil }
            seconds += clock.seconds
            fraction = clock.fraction
        }
        guard scanner.isAtEnd else { return nil }
        return seconds * 1_000_000_000 + fraction
    }

    private static func clock(_ scanner: inout DigitScanner) -> (seconds: Int64, fraction: Int64)? {
        guard let hour = scanner.number(digits: 1...2), hour < 24, scanner.skip(where: { $0 == 58 }),
            let minute = scanner.number(digits: 2...2), minute < 60
        else { return nil }
        var seconds = Int64(hour * 3600 + minute * 60)
        var fraction: Int64 = 0
        if scanner.skip(where: { $0 == 58 }) {
            guard let second = scanner.number(digits: 2...2), second <= 60 else { return nil }
            seconds += Int64(second)
            if scanner.skip(where: { $0 == 46 || $0 == 44 }) { fraction = scanner.fraction() }
        }
        _ = scanner.skip(where: { $0 == 32 })
        if scanner.skip(where: { $0 == 90 || $0 == 122 }) { return (seconds, fraction) }
        if let sign = scanner.sign() {
            guard let hours = scanner.number(digits: 2...2), hours < 24 else { return nil }
            _ = scanner.skip(where: { $0 == 58 })
            let minutes = scanner.number(digits: 2...2) ?? 0
            seconds -= Int64(sign * (hours * 3600 + minutes * 60))
        }
        return (seconds, fraction)
    }
}

/// Reads decimal digits off an array.
private struct DigitScanner {
    let bytes: [UInt8]
    var offset = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func number(digits: ClosedRange<Int>) -> Int? {
        var value = 0
        var count = 0
        while count < digits.upperBound, offset < bytes.count, (48...57).contains(bytes[offset]) {
            value = value * 10 + Int(bytes[offset] - 48)
            offset += 1
            count += 1
        }
        return count >= digits.lowerBound ? value : nil
    }

    mutating func skip(where matches: (UInt8) -> Bool) -> Bool {
        guard offset < bytes.count, matches(bytes[offset]) else { return false }
        offset += 1
        return true
    }

    mutating func sign() -> Int? {
        if skip(where: { $0 == 43 }) { return 1 }
        return skip(where: { $0 == 45 }) ? -1 : nil
    }

    /// Nanoseconds from the digits after a point; further digits are dropped.
    mutating func fraction() -> Int64 {
        var value: Int64 = 0
        var scale: Int64 = 100_000_000
        while offset < bytes.count, (48...57).contains(bytes[offset]) {
            value += Int64(bytes[offset] - 48) * scale
            scale /= 10
            offset += 1
        }
        return value
    }
}
