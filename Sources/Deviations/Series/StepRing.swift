/// The latest evaluations of a series, in place.
struct StepRing: Sendable {
    static let capacity = 32

    private var places = InlineArray<32, PackedStep>(
        repeating: PackedStep(
            observed: 0, residual: .init(bits: 0), weight: .init(bits: 0), reach: 0, gap: 1))
    private var count: UInt8 = 0
    /// Where the next one goes; once full, where the oldest is.
    private var next: UInt8 = 0

    /// Takes in a step; answers the oldest where it had to go. O(1).
    mutating func append(_ step: PackedStep) -> PackedStep? {
        let displaced = Int(count) == Self.capacity ? places[Int(next)] : nil
        places[Int(next)] = step
        next = UInt8((Int(next) + 1) % Self.capacity)
        if displaced == nil { count += 1 }
        return displaced
    }

    /// Oldest first.
    var steps: [PackedStep] {
        let start = Int(count) == Self.capacity ? Int(next) : 0
        let places = places
        return (0..<Int(count)).map { places[(start + $0) % Self.capacity] }
    }

    var last: PackedStep? { count > 0 ? places[(Int(next) + Self.capacity - 1) % Self.capacity] : nil }

    mutating func removeAll() {
        count = 0
        next = 0
    }
}

/// Steps that found no place among the latest ones, as many again as are wanted.
struct StepOverflow: Sendable {
    private let capacity: Int
    private var ring: [PackedStep] = []
    private var oldest = 0

    init(capacity: Int) { self.capacity = capacity }

    /// O(1).
    mutating func append(_ step: PackedStep) {
        guard ring.count == capacity else {
            ring.append(step)
            return
        }
        ring[oldest] = step
        oldest = (oldest + 1) % capacity
    }

    /// Oldest first.
    var steps: [PackedStep] { Array(ring[oldest...] + ring[..<oldest]) }

    mutating func removeAll() {
        ring.removeAll()
        oldest = 0
    }
}
