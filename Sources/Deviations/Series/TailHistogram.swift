import Bytes

/// Counts of logarithms in bins of 0.18, for upper quantiles: 17 nats around the first value, 194 bytes.
struct TailHistogram: Sendable {
    static let bins = 96
    private static let width: Float = 0.18

    private var counts = InlineArray<96, UInt16>(repeating: 0)

    /// Where the bins begin so that `value` lies in their middle.
    static func origin(around value: Float) -> Float { value - Float(bins / 2) * width }

    /// O(1).
    mutating func add(_ value: Float, origin: Float) {
        let bin = max(0, min(Int(max(-1e6, min((value - origin) / Self.width, 1e6))), Self.bins - 1))
        // Full bins lose their tops, not their place: more than 65,535 records of an hour say enough.
        counts[bin] &+= counts[bin] == .max ? 0 : 1
    }

    mutating func add(_ other: TailHistogram) {
        for bin in 0..<Self.bins { counts[bin] = UInt16(min(65_535, UInt32(counts[bin]) + UInt32(other.counts[bin]))) }
    }

    mutating func clear() { counts = InlineArray(repeating: 0) }

    var total: Double { (0..<Self.bins).reduce(0) { $0 + Double(counts[$1]) } }

    /// The value that `share` of all do not exceed, even within its bin. Nil while empty. O(bins).
    func quantile(_ share: Double, origin: Float) -> Double? {
        let total = total
        guard total > 0 else { return nil }
        var rest = share * total
        for bin in 0..<Self.bins where counts[bin] > 0 {
            let count = Double(counts[bin])
            if rest <= count { return Double(origin) + (Double(bin) + rest / count) * Double(Self.width) }
            rest -= count
        }
        return nil
    }

    func save(to writer: inout ByteWriter) {
        for bin in 0..<Self.bins { writer.writeVarint(Int(counts[bin])) }
    }

    init() {}

    @_lifetime(reader: copy reader)
    init(from reader: inout ByteReader) throws(CorruptionError) {
        for bin in 0..<Self.bins { counts[bin] = UInt16(try reader.readCount(limit: 65_535)) }
    }
}

/// The upper quantiles of a slot's values: what has been counted since its last evaluation, and the series that watch
/// them.
struct TailSlot: Sendable {
    /// One after another; more records are needed the farther out.
    static let quantiles: [(share: Double, records: Double, variance: Double, quantity: WatchedSeries.Quantity)] = [
        (0.95, 40, 4.5, .p95), (0.99, 150, 14, .p99),
    ]

    var slot: Int32
    var origin: Float
    var counts = TailHistogram()
    /// Positions among the watched series, as `quantiles`; −1 for none.
    var series: [Int32]

    func save(to writer: inout ByteWriter) {
        writer.write(slot)
        writer.write(origin.bitPattern)
        for one in series { writer.write(one) }
        counts.save(to: &writer)
    }

    init(slot: Int32, origin: Float, series: [Int32]) {
        self.slot = slot
        self.origin = origin
        self.series = series
    }

    @_lifetime(reader: copy reader)
    init(from reader: inout ByteReader, slots: Int, watched: Int) throws(CorruptionError) {
        slot = Int32(bitPattern: try reader.readUInt32())
        origin = Float(bitPattern: try reader.readUInt32())
        series = []
        for _ in Self.quantiles { series.append(Int32(bitPattern: try reader.readUInt32())) }
        guard slot >= 0, Int(slot) < slots, series.allSatisfy({ $0 >= -1 && Int($0) < watched }) else {
            throw CorruptionError("quantiles of a slot or series that is not there", offset: reader.offset)
        }
        counts = try TailHistogram(from: &reader)
    }
}
