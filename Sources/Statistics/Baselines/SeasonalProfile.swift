/// What a series does at each time of day: up to 48 cells on a ring, interpolated, each a robust mean that forgets
/// slowly.
///
/// Cells hold offsets from the series' level. How far they are believed is measured by prediction: the slope of what
/// came on what the cells had said the day before. A flat or wandering series has a slope near 0 and so no invented
/// season, a series with a season has a slope near 1.
public struct SeasonalProfile: Sendable {
    public static let cellLimit = 48

    /// What a cell holds, in full precision.
    private struct Cell: Sendable {
        var offset: Float = 0
        var weight: Float = 0
    }

    private var offsets = InlineArray<48, ShortFloat>(repeating: ShortFloat(bits: 0))
    /// Shares of `memory` in 255ths, rounded up.
    private var weights = InlineArray<48, UInt8>(repeating: 0)
    /// The two cells around the latest observation: they are moved in small steps, which sixteen bits would lose.
    private var left = Cell()
    private var right = Cell()
    private var leftPlace: UInt8 = 255
    private var rightPlace: UInt8 = 255
    private var lastCell: UInt8 = 0
    private var cellCount: UInt8 = 0
    /// 0…1 for all cells together.
    public private(set) var trust: Float = 0
    /// Decayed sums of what came times what was said, and of the square of what was said.
    private var agreement: Float = 0
    private var power: Float = 0
    /// What the cell being visited, and the next one, said before this visit; not-a-number for nothing.
    private var anchor: Float = .nan
    private var nextAnchor: Float = .nan
    /// Cells in use: 0 for a series too slow to have a time of day.
    public var cells: Int { Int(cellCount) }
    /// Observations a cell before it forgets: about ten days of them.
    private var memory: Float = 60

    public init() {}

    public init(pointsPerDay: Double) {
        cellCount = pointsPerDay < 6 ? 0 : UInt8(min(Double(Self.cellLimit), pointsPerDay))
        memory = cells == 0 ? 60 : Float(max(10, pointsPerDay / Double(cells) * 10))
    }

    /// A time of day among the cells: worked out once for asking and for learning.
    public struct Place: Sendable {
        fileprivate var left: Int
        fileprivate var right: Int
        fileprivate var rightShare: Float

        fileprivate var nearest: Int { rightShare < 0.5 ? left : right }
    }

    /// Where a share of the day, 0..<1, lies. Changes nothing, as `offset(at:)`. O(1).
    public mutating func place(at share: Double) -> Place {
        let position = share * Double(cellCount) + 0.5
        let above = Int(position)
        let left = above == 0 ? cells - 1 : above - 1
        let right = above >= cells ? 0 : above
        return Place(left: left, right: right, rightShare: Float(position - Double(above)))
    }

    @inline(__always)
    private mutating func cell(_ place: Int) -> Cell {
        if place == Int(leftPlace) { return left }
        if place == Int(rightPlace) { return right }
        return stored(place)
    }

    @inline(__always)
    private mutating func stored(_ place: Int) -> Cell {
        Cell(offset: offsets[place].value, weight: Float(weights[place]) * memory * (1 / 255))
    }

    private mutating func store(_ cell: Cell, at place: UInt8) {
        guard place < cellCount else { return }
        offsets[Int(place)] = ShortFloat(cell.offset)
        weights[Int(place)] = UInt8((cell.weight / memory * 255).rounded(.up).clamped(to: 0...255))
    }

    /// Makes two neighbouring cells the ones that are held in full.
    private mutating func hold(_ first: Int, _ second: Int) {
        if first == Int(leftPlace) && second == Int(rightPlace) { return }
        let cells = (cell(first), cell(second))
        store(left, at: leftPlace)
        store(right, at: rightPlace)
        (left, right) = cells
        (leftPlace, rightPlace) = (UInt8(first), UInt8(second))
    }

    /// The expected offset at `share` of the day, 0..<1. An unvisited cell takes the last visited one's. O(1).
    public func offset(at share: Double) -> Float {
        var copy = self
        return copy.offset(at: copy.place(at: share))
    }

    /// The same at a place that is known. Changes nothing; `mutating`, as what it calls, so that no copy is made to
    /// ask.
    public mutating func offset(at place: Place) -> Float {
        guard cells > 0 else { return 0 }
        let near = cell(place.left)
        let next = cell(place.right)
        let from = near.weight > 0 ? near.offset : cell(Int(lastCell)).offset
        let to = next.weight > 0 ? next.offset : from
        return (from + (to - from) * place.rightShare) * trust
    }

    /// Observations behind the offset at a place. Changes nothing, as `offset(at:)`. O(1).
    public mutating func evidence(at place: Place) -> Float { cells > 0 ? cell(place.nearest).weight : 0 }

    /// Moves the cells around `share` of the day towards `value`, an offset from the level, but at most by a step that
    /// `clip` bounds once a cell knows its place. `scale` is the standard deviation of one observation. O(1).
    public mutating func learn(_ value: Float, at share: Double, clip: Float, scale: Float, slowdown: Float = 1) {
        learn(value, at: place(at: share), clip: clip, scale: scale, slowdown: slowdown)
    }

    /// The same at a place that is known.
    public mutating func learn(_ value: Float, at place: Place, clip: Float, scale: Float, slowdown: Float = 1) {
        guard cells > 0 else { return }
        hold(place.left, place.right)
        if place.nearest != Int(lastCell) { enter(place.nearest) }
        weighTrust(value, scale: scale)
        let step = Step(value: value, clip: clip, slowdown: slowdown, memory: memory)
        step.move(&left, share: 1 - place.rightShare)
        step.move(&right, share: place.rightShare)
    }

    /// A cell is touched half a cell before it is entered, so what it said the day before is noted one cell ahead.
    private mutating func enter(_ place: Int) {
        let next = place + 1 == cells ? 0 : place + 1
        let wasNext = Int(lastCell) + 1 == cells ? 0 : Int(lastCell) + 1
        anchor = place == wasNext ? nextAnchor : .nan
        let ahead = cell(next)
        nextAnchor = ahead.weight > 0 ? ahead.offset : .nan
        lastCell = UInt8(place)
    }

    private mutating func weighTrust(_ value: Float, scale: Float) {
        guard !anchor.isNaN else { return }
        let bound = 2 * abs(anchor) + 3 * scale
        let keep = 1 - 10 / (memory * Float(cellCount))
        agreement = agreement * keep + value.clamped(to: -bound...bound) * anchor
        power = power * keep + anchor * anchor
        trust = (agreement / (power + 4 * scale * scale + 1e-12)).clamped(to: 0...1)
    }

    /// An observation on its way into the cells.
    private struct Step {
        var value: Float
        var clip: Float
        var slowdown: Float
        var memory: Float

        @inline(__always)
        func move(_ cell: inout Cell, share: Float) {
            guard share > 0.02 else { return }
            let weight = cell.weight
            let bound = weight < memory / 4 ? 20 * clip : clip
            let error = min(max(value - cell.offset, -bound), bound)
            let after = min(weight + share, memory)
            cell.offset += error * share / after * (weight < memory / 10 ? 1 : slowdown)
            cell.weight = after
        }
    }

    public func save(to writer: inout StateWriter) {
        for pair in 0..<24 {
            writer.write(UInt32(offsets[2 * pair].bits) | UInt32(offsets[2 * pair + 1].bits) << 16)
        }
        for four in 0..<12 { writer.write(bytes: (0..<4).map { weights[4 * four + $0] }) }
        for value in [left.offset, left.weight, right.offset, right.weight] { writer.write(value) }
        writer.write(bytes: [leftPlace, rightPlace, lastCell, cellCount])
        for value in [trust, agreement, power, anchor, nextAnchor, memory] { writer.write(value) }
    }

    public init(from reader: inout StateReader) throws(StateError) {
        for pair in 0..<24 {
            let word = try reader.readUInt32()
            offsets[2 * pair] = ShortFloat(bits: UInt16(truncatingIfNeeded: word))
            offsets[2 * pair + 1] = ShortFloat(bits: UInt16(truncatingIfNeeded: word >> 16))
        }
        for four in 0..<12 {
            let bytes = try reader.readBytes()
            for index in 0..<4 { weights[4 * four + index] = bytes[index] }
        }
        left = Cell(offset: try reader.readFloat(), weight: try reader.readFloat())
        right = Cell(offset: try reader.readFloat(), weight: try reader.readFloat())
        let places = try reader.readBytes()
        (leftPlace, rightPlace, lastCell, cellCount) = (places[0], places[1], places[2], places[3])
        trust = try reader.readFloat()
        agreement = try reader.readFloat()
        power = try reader.readFloat()
        anchor = try reader.readFloat()
        nextAnchor = try reader.readFloat()
        memory = try reader.readFloat()
        try check(reader.position)
    }

    /// Reads a profile of numbers of 32 bits, as states were saved before version 3.
    public init(wide reader: inout StateReader) throws(StateError) {
        var wide = InlineArray<48, Float>(repeating: 0)
        try wide.restore(from: &reader)
        var wideWeights = InlineArray<48, Float>(repeating: 0)
        try wideWeights.restore(from: &reader)
        trust = try reader.readFloat()
        agreement = try reader.readFloat()
        power = try reader.readFloat()
        anchor = try reader.readFloat()
        nextAnchor = try reader.readFloat()
        lastCell = UInt8(try reader.readCount(limit: Self.cellLimit - 1))
        cellCount = UInt8(try reader.readCount(limit: Self.cellLimit))
        memory = try reader.readFloat()
        for place in 0..<cells { store(Cell(offset: wide[place], weight: wideWeights[place]), at: UInt8(place)) }
        try check(reader.position)
    }

    private func check(_ word: Int) throws(StateError) {
        let isNone = leftPlace == 255 && rightPlace == 255
        guard cells <= Self.cellLimit, Int(lastCell) < max(cells, 1), isNone || max(leftPlace, rightPlace) < cellCount,
            memory > 0
        else { throw StateError(word: word) }
    }
}
