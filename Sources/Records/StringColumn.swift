import Bytes

/// Texts one behind the other with their ends: `count` values in one arena, at most 4 GiB.
public struct StringColumn: Sendable {
    /// All values, concatenated.
    public private(set) var arena: [UInt8]
    /// `count + 1` offsets; value *i* is `arena[offsets[i]..<offsets[i + 1]]`.
    public private(set) var offsets: [UInt32]

    public init() {
        arena = []
        offsets = [0]
    }

    /// Takes over an arena and its offsets: ascending, from 0 to the arena's length.
    public init(arena: [UInt8], offsets: [UInt32]) {
        precondition(offsets.first == 0 && Int(offsets[offsets.count - 1]) == arena.count)
        self.arena = arena
        self.offsets = offsets
    }

    public init(_ values: [ByteString]) {
        self.init()
        for value in values { append(value.bytes.rawSpan) }
    }

    @inlinable public var count: Int { offsets.count - 1 }

    public mutating func reserve(rows: Int, bytes: Int) {
        arena.reserveCapacity(bytes)
        offsets.reserveCapacity(rows + 1)
    }

    /// Appends one value. O(length).
    public mutating func append(_ value: RawSpan) {
        arena.append(copying: value)
        precondition(arena.count <= UInt32.max)
        offsets.append(UInt32(arena.count))
    }

    /// Where value `row` stands in the arena.
    @inlinable
    public func range(_ row: Int) -> Range<Int> { Int(offsets[row])..<Int(offsets[row + 1]) }

    /// Length in bytes of value `row`.
    @inlinable
    public func length(_ row: Int) -> Int { Int(offsets[row + 1]) - Int(offsets[row]) }

    /// Value `row`, not copied.
    @inlinable
    public subscript(row: Int) -> RawSpan {
        @_lifetime(borrow self)
        get { arena.rawSpan.slice(Int(offsets[row]), length(row)) }
    }

    /// Value `row`, copied.
    public func value(_ row: Int) -> ByteString { ByteString(self[row]) }
}
