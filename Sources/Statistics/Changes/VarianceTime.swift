/// How much faster than independent noise the sums of a series spread: the variance of block sums of 4, 16, 64 and 256
/// scores over the block length. What profile, level and prewhitening leave behind is measured here, so that slow
/// tests, which add up many scores, stay honest.
public struct VarianceTime: Sendable {
    private static let priorBlocks: Float = 6
    private var sums = InlineArray<4, Float>(repeating: 0)
    private var means = InlineArray<4, Float>(repeating: 1)
    /// At most 200.
    private var blocks = InlineArray<4, UInt8>(repeating: 0)
    private var steps: UInt32 = 0
    private var inflations = InlineArray<4, Float>(repeating: 1)

    public init() {}

    /// The inflation at 4^(scale + 1) scores; at least 1.
    public func inflation(_ scale: Int) -> Float { inflations[scale] }

    /// O(1) on average.
    public mutating func learn(_ score: Float) {
        steps &+= 1
        let bounded = score.clamped(to: -4...4)
        for scale in 0..<4 { sums[scale] += bounded }
        guard steps & 3 == 0 else { return }
        for scale in 0..<4 {
            let length = UInt32(4) << UInt32(2 * scale)
            guard steps & (length - 1) == 0 else { return }
            finish(scale, length: Float(length))
        }
    }

    private mutating func finish(_ scale: Int, length: Float) {
        let square = min(sums[scale] * sums[scale] / length, 9 * inflations[scale])
        sums[scale] = 0
        // A square clipped at nine variances loses 3 percent of its mean.
        let known = Float(blocks[scale])
        means[scale] += (square * 1.03 - means[scale]) / (known < 3 ? known + 1 : max(3, 0.5 * known))
        blocks[scale] = min(blocks[scale] + 1, 200)
        var inherited: Float = 1
        for index in 0..<4 {
            let count = Float(blocks[index])
            let seen = count < 3 ? count : max(3, 0.5 * count)
            let estimate = (Self.priorBlocks * inherited + seen * means[index]) / (Self.priorBlocks + seen)
            inherited = max(estimate, 0.5)
            // What chance alone may add to an estimate from so few blocks is not held against the series.
            let chance = (2 / (Self.priorBlocks + seen)).squareRoot()
            inflations[index] = estimate > 1 + chance ? estimate - chance * 0.5 : 1
        }
    }

    public func save(to writer: inout StateWriter) {
        sums.save(to: &writer)
        means.save(to: &writer)
        writer.write(bytes: (0..<4).map { blocks[$0] })
        inflations.save(to: &writer)
        writer.write(steps)
    }

    public init(from reader: inout StateReader) throws(StateError) {
        try sums.restore(from: &reader)
        try means.restore(from: &reader)
        let counts = try reader.readBytes()
        for scale in 0..<4 { blocks[scale] = counts[scale] }
        try inflations.restore(from: &reader)
        steps = try reader.readUInt32()
    }

    /// Reads what was saved before version 3, when all were numbers of 32 bits.
    public init(wide reader: inout StateReader) throws(StateError) {
        try sums.restore(from: &reader)
        try means.restore(from: &reader)
        for scale in 0..<4 { blocks[scale] = UInt8(try reader.readFloat().clamped(to: 0...200)) }
        try inflations.restore(from: &reader)
        steps = try reader.readUInt32()
    }
}
