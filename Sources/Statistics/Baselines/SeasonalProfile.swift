/// What a series does at each time of day: up to 48 cells on a ring, interpolated, each a robust mean that forgets slowly.
///
/// Cells hold offsets from the series' level. How far they are believed is estimated from the data (James and Stein, 1961):
/// offsets no larger than the noise of their means are shrunk to nothing, so that a flat series has no invented season.
public struct SeasonalProfile: Sendable {
    public static let cellLimit = 48

    private var offsets = InlineArray<48, Float>(repeating: 0)
    private var weights = InlineArray<48, Float>(repeating: 0)
    /// 0…1 for all cells together.
    private var trust: Float = 0
    private var noise: Float = 0
    private var lastCell: UInt32 = 0
    /// Cells in use: 0 for a series too slow to have a time of day.
    public private(set) var cells: UInt32 = 0
    /// Observations a cell before it forgets: about ten days of them.
    private var memory: Float = 60

    public init() {}

    public init(pointsPerDay: Double) {
        cells = pointsPerDay < 6 ? 0 : UInt32(min(Double(Self.cellLimit), pointsPerDay))
        memory = cells == 0 ? 60 : Float(max(10, pointsPerDay / Double(cells) * 10))
    }

    /// Cell to the left, cell to the right, and the right one's share.
    private func place(_ share: Double) -> (left: Int, right: Int, rightShare: Float) {
        let position = share * Double(cells) - 0.5
        let floor = position.rounded(.down)
        let left = floor < 0 ? Int(cells) - 1 : Int(floor)
        let right = left + 1 == Int(cells) ? 0 : left + 1
        return (left, right, Float(position - floor))
    }

    private func believed(_ cell: Int) -> Float {
        let offset = offsets[cell]
        let square = offset * offset
        guard square > 0, weights[cell] > 0 else { return 0 }
        let own = 1 - 4 * noise / (weights[cell] * square)
        return offset * max(trust, own, 0)
    }

    /// The expected offset at `share` of the day, 0..<1. An unvisited cell takes the last visited one's. O(1).
    public func offset(at share: Double) -> Float {
        guard cells > 0 else { return 0 }
        let (left, right, rightShare) = place(share)
        let known = believed(Int(lastCell))
        let from = weights[left] > 0 ? believed(left) : known
        let to = weights[right] > 0 ? believed(right) : from
        return from + (to - from) * rightShare
    }

    /// Observations behind the offset at `share` of the day. O(1).
    public func evidence(at share: Double) -> Float {
        guard cells > 0 else { return 0 }
        let (left, right, rightShare) = place(share)
        return rightShare < 0.5 ? weights[left] : weights[right]
    }

    /// Moves the cells around `share` of the day towards `value`, an offset from the level, but at most by a step that
    /// `clip` bounds once a cell knows its place. `unitNoise` is the variance of one independent observation. O(1), O(cells) once a
    /// cell.
    public mutating func learn(
        _ value: Float, at share: Double, clip: Float, unitNoise: Float, slowdown: Float = 1
    ) {
        guard cells > 0 else { return }
        let (left, right, rightShare) = place(share)
        let nearest = rightShare < 0.5 ? left : right
        if nearest != Int(lastCell) {
            lastCell = UInt32(nearest)
            refreshTrust(unitNoise)
        }
        move(left, towards: value, share: 1 - rightShare, clip: clip, slowdown: slowdown)
        move(right, towards: value, share: rightShare, clip: clip, slowdown: slowdown)
    }

    private mutating func move(_ cell: Int, towards value: Float, share: Float, clip: Float, slowdown: Float) {
        guard share > 0.02 else { return }
        let weight = weights[cell]
        let young = weight < memory / 4
        let error = (value - offsets[cell]).clamped(to: young ? -20 * clip...20 * clip : -clip...clip)
        let gain = share / min(weight + share, memory)
        offsets[cell] += error * (weight < memory / 10 ? gain : gain * slowdown)
        weights[cell] = min(weight + share, memory)
    }

    private mutating func refreshTrust(_ unitNoise: Float) {
        noise = unitNoise
        var power: Float = 0
        var chance: Float = 0
        for cell in 0..<Int(cells) where weights[cell] > 0 {
            power += offsets[cell] * offsets[cell]
            chance += unitNoise / weights[cell]
        }
        trust = power > 0 ? max(0, 1 - 1.2 * chance / power) : 0
    }

    /// Moves all cells by `shift`, when the level moves the other way. O(cells).
    public mutating func shift(by shift: Float) {
        for cell in 0..<Int(cells) where weights[cell] > 0 { offsets[cell] += shift }
    }

    /// The mean offset of the visited cells. O(cells).
    public var mean: Float {
        var sum: Float = 0
        var count: Float = 0
        for cell in 0..<Int(cells) where weights[cell] > 0 {
            sum += offsets[cell]
            count += 1
        }
        return count > 0 ? sum / count : 0
    }

    public func save(to writer: inout StateWriter) {
        offsets.save(to: &writer)
        weights.save(to: &writer)
        writer.write(trust)
        writer.write(noise)
        writer.write(lastCell)
        writer.write(cells)
        writer.write(memory)
    }

    public init(from reader: inout StateReader) throws(StateError) {
        try offsets.restore(from: &reader)
        try weights.restore(from: &reader)
        trust = try reader.readFloat()
        noise = try reader.readFloat()
        lastCell = try reader.readUInt32()
        cells = try reader.readUInt32()
        memory = try reader.readFloat()
        guard cells <= UInt32(Self.cellLimit), lastCell < UInt32(Self.cellLimit) else {
            throw StateError(word: reader.position)
        }
    }
}
