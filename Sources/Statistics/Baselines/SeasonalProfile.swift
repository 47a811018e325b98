/// What a series does at each time of day: up to 48 cells on a ring, interpolated, each a robust mean that forgets
/// slowly.
///
/// Cells hold offsets from the series' level. How far they are believed is measured by prediction: the slope of what
/// came on what the cells had said the day before. A flat or wandering series has a slope near 0 and so no invented
/// season, a series with a season has a slope near 1.
public struct SeasonalProfile: Sendable {
    public static let cellLimit = 48

    private var offsets = InlineArray<48, Float>(repeating: 0)
    private var weights = InlineArray<48, Float>(repeating: 0)
    /// 0…1 for all cells together.
    public private(set) var trust: Float = 0
    /// Decayed sums of what came times what was said, and of the square of what was said.
    private var agreement: Float = 0
    private var power: Float = 0
    /// What the cell being visited, and the next one, said before this visit; not-a-number for nothing.
    private var anchor: Float = .nan
    private var nextAnchor: Float = .nan
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

    private func believed(_ cell: Int) -> Float { offsets[cell] * trust }

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
    /// `clip` bounds once a cell knows its place. `scale` is the standard deviation of one observation. O(1).
    public mutating func learn(_ value: Float, at share: Double, clip: Float, scale: Float, slowdown: Float = 1) {
        guard cells > 0 else { return }
        let (left, right, rightShare) = place(share)
        let nearest = rightShare < 0.5 ? left : right
        if nearest != Int(lastCell) { enter(nearest) }
        weighTrust(value, scale: scale)
        move(left, towards: value, share: 1 - rightShare, clip: clip, slowdown: slowdown)
        move(right, towards: value, share: rightShare, clip: clip, slowdown: slowdown)
    }

    /// A cell is touched half a cell before it is entered, so what it said the day before is noted one cell ahead.
    private mutating func enter(_ cell: Int) {
        let next = cell + 1 == Int(cells) ? 0 : cell + 1
        let wasNext = Int(lastCell) + 1 == Int(cells) ? 0 : Int(lastCell) + 1
        anchor = cell == wasNext ? nextAnchor : .nan
        nextAnchor = weights[next] > 0 ? offsets[next] : .nan
        lastCell = UInt32(cell)
    }

    private mutating func weighTrust(_ value: Float, scale: Float) {
        guard !anchor.isNaN else { return }
        let bound = 2 * abs(anchor) + 3 * scale
        let keep = 1 - 10 / (memory * Float(cells))
        agreement = agreement * keep + value.clamped(to: -bound...bound) * anchor
        power = power * keep + anchor * anchor
        trust = (agreement / (power + 4 * scale * scale + 1e-12)).clamped(to: 0...1)
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
        for value in [trust, agreement, power, anchor, nextAnchor] { writer.write(value) }
        writer.write(lastCell)
        writer.write(cells)
        writer.write(memory)
    }

    public init(from reader: inout StateReader) throws(StateError) {
        try offsets.restore(from: &reader)
        try weights.restore(from: &reader)
        trust = try reader.readFloat()
        agreement = try reader.readFloat()
        power = try reader.readFloat()
        anchor = try reader.readFloat()
        nextAnchor = try reader.readFloat()
        lastCell = try reader.readUInt32()
        cells = try reader.readUInt32()
        memory = try reader.readFloat()
        guard cells <= UInt32(Self.cellLimit), lastCell < UInt32(Self.cellLimit) else {
            throw StateError(word: reader.position)
        }
    }
}
