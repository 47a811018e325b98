import Bytes
import Records

/// What was seen of a shape.
struct ShapeStatistics: Sendable {
    var count: Int64 = 0
    /// Nanoseconds of event time; meaningless while `count` is 0.
    var first: Int64 = .max
    var last: Int64 = .min

    mutating func add(_ nanoseconds: Int64) {
        count += 1
        if nanoseconds < first { first = nanoseconds }
        if nanoseconds > last { last = nanoseconds }
    }

    mutating func add(_ other: ShapeStatistics) {
        count += other.count
        first = min(first, other.first)
        last = max(last, other.last)
    }
}

/// Messages with equal tokens; or, once a template has absorbed its shapes, messages that match its pattern.
struct Shape: Sendable {
    /// Given out once, and never again.
    var number: Int
    /// Its place in the miner's tables, which another shape takes when this one is gone.
    var slot: Int
    /// Codes of the tokens. A pattern holds `TokenCode.variable` wherever its shapes differed.
    var codes: [UInt64]
    var isPattern: Bool
    /// The first message, up to `Tokenizer.messageBytes`.
    var sample: [UInt8]
}

/// Whether codes are equal wherever the pattern holds no variable. A variable stands for a word or a variable, not for
/// a delimiter. O(length).
func patternMatches(_ pattern: [UInt64], _ codes: [UInt64]) -> Bool {
    guard pattern.count == codes.count else { return false }
    for at in 0..<codes.count where pattern[at] != codes[at] {
        if pattern[at] != TokenCode.variable || TokenCode.isDelimiter(codes[at]) { return false }
    }
    return true
}

/// Hash of token codes. O(length).
func hashCodes(_ codes: some Sequence<UInt64>) -> UInt64 {
    var hash: UInt64 = 0x9E37_79B9_7F4A_7C15
    for code in codes { hash = mixed(hash ^ code) }
    return hash
}

/// One step of a hash: the halves of a full multiplication, combined.
func mixed(_ value: UInt64) -> UInt64 {
    let (high, low) = value.multipliedFullWidth(by: 0xD1B5_4A32_D192_ED03)
    return high ^ low &+ 0x8CB9_2BA7_2F3D_8DD7
}
