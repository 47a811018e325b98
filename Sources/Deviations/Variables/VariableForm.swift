import Bytes
import Statistics

/// Messages of one service with the same static text, of which variables are watched.
struct VariableForm: Sendable {
    var key: UInt64
    var service: UInt16
    /// One message, of which the static text is read.
    var sample: ByteString
    var places: [VariablePlace]
    /// Messages looked at, and the buckets of the first and of the latest.
    var count: UInt32 = 0
    var first: Int64
    var last: Int64

    /// A place among the forms that was given up.
    var isVacant: Bool { places.isEmpty }
    /// Messages a bucket.
    func weight(at bucket: Int64) -> Double { Double(count) / Double(max(bucket - first, 1)) }
}

/// What is watched of one variable.
struct VariablePlace: Sendable {
    enum Kind: UInt8, Sendable {
        /// The mean of whole numbers, and of numbers with decimals.
        case level
        case fineLevel
        /// How often which value is there.
        case shares
    }

    struct Value: Sendable {
        var text: ByteString
        var hash: UInt64
        /// What counts it; −1 where the variable has had this value alone, and the others say all.
        var slot: Int32
    }

    /// A value without a series of its own, with a count that decays.
    struct Newcomer: Sendable {
        var text: ByteString
        var count: Float
    }

    var kind: Kind
    /// From 0, in the order of the message.
    var variable: UInt8
    /// Sums up the numbers; or counts messages and those with other values, of which it has the series.
    var slot: Int32
    var values: [Value] = []
    var newcomers: [Newcomer] = []
    /// With shares: messages since it is watched, and those with none of the values.
    var seen: Float = 0
    var others: Float = 0

    private static let newcomersKept = 4

    /// Notes a value without a series; the rarest one gives way. O(1).
    mutating func note(_ text: RawSpan) {
        let text = ByteString(text.slice(0, min(text.byteCount, VariableTrial.longestValue)))
        if let known = newcomers.firstIndex(where: { $0.text == text }) {
            newcomers[known].count += 1
        } else if newcomers.count < Self.newcomersKept {
            newcomers.append(Newcomer(text: text, count: 1))
        } else {
            for place in newcomers.indices { newcomers[place].count -= 1 }
            newcomers.removeAll { $0.count < 0.5 }
        }
    }

    /// After each evaluation.
    mutating func decay() {
        for place in newcomers.indices { newcomers[place].count *= 0.8 }
        newcomers.removeAll { $0.count < 0.5 }
    }

    /// Numbers are compared on a scale that is linear near 0 and logarithmic far from it, both ways; near is below 1
    /// for whole numbers, and below a thousandth for others.
    static func scaled(_ number: Double, isFine: Bool) -> Double {
        let size = logarithmOfOnePlus(min(abs(number), 1e18) * (isFine ? 1_000 : 1))
        return number < 0 ? -size : size
    }

    /// The inverse of `scaled`.
    static func unscaled(_ value: Double, isFine: Bool) -> Double {
        let size = (exponential(min(abs(value), 60)) - 1) / (isFine ? 1_000 : 1)
        return value < 0 ? -size : size
    }
}
