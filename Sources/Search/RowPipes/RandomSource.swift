import Synchronization

/// Numbers that look random, for `rand()` and `sample`: a counter through a mixing function (SplitMix64, Steele
/// 2014). The seed is the query's `now`, so that a query at a given moment gives a given answer.
final class RandomSource: Sendable {
    private let state: Atomic<UInt64>

    init(seed: Int64) { state = Atomic(UInt64(bitPattern: seed)) }

    /// At least 0 and below 1.
    func next() -> Double { Double(nextBits() >> 11) * 0x1p-53 }

    func nextBits() -> UInt64 {
        var mixed = state.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// `sample n`: each row with probability 1/n.
struct SampleTransform: ChunkTransform {
    let interval: UInt64
    let random: RandomSource

    func apply(_ chunk: Chunk) -> Chunk? {
        guard interval > 1 else { return chunk }
        chunk.rows.filter { _ in random.nextBits() % interval == 0 }
        return chunk.rows.isEmpty ? nil : chunk
    }
}
