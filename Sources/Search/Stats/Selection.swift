/// The number that would stand at `place` if `numbers` were sorted; those that are none (NaN) stand at the ends.
///
/// Numbers are counted by the highest bits of their pattern, then only those that share them with the wanted one are
/// kept, until few are left to sort. O(count): two passes without a branch that data decide, where a partition by
/// comparisons takes some four with one.
func selected(_ place: Int, of numbers: [Double]) -> Double {
    var keys = numbers.map(orderedBits)
    var place = place
    var shift = 64
    while keys.count > selectionSorts && shift > 0 {
        shift -= selectionBits
        let digits = Digits(keys, shift: shift)
        let (digit, before) = digits.holding(place)
        keys = keys.filter { Int(truncatingIfNeeded: $0 >> UInt64(shift)) & Digits.mask == digit }
        place -= before
    }
    keys.sort()
    return number(ofOrderedBits: keys[place])
}

/// Up to so many numbers, sorting is faster than counting.
private let selectionSorts = 512
/// Bits that are told apart in one pass.
private let selectionBits = 16

/// How often each digit occurs at one place of the keys.
private struct Digits {
    static let mask = 1 << selectionBits - 1
    private var counts = [UInt32](repeating: 0, count: 1 << selectionBits)

    init(_ keys: [UInt64], shift: Int) {
        for key in keys { counts[Int(truncatingIfNeeded: key >> UInt64(shift)) & Self.mask] += 1 }
    }

    /// The digit of the key at `place` in their order, and how many keys have a lower one.
    func holding(_ place: Int) -> (digit: Int, before: Int) {
        var before = 0
        for (digit, count) in counts.enumerated() {
            if before + Int(count) > place { return (digit, before) }
            before += Int(count)
        }
        preconditionFailure("there are fewer keys than \(place)")
    }
}

/// Bits that compare as unsigned integers as the numbers do.
private func orderedBits(_ number: Double) -> UInt64 {
    let bits = number.bitPattern
    return bits >> 63 == 1 ? ~bits : bits | 1 << 63
}

private func number(ofOrderedBits bits: UInt64) -> Double {
    Double(bitPattern: bits >> 63 == 1 ? bits & ~(1 << 63) : ~bits)
}
