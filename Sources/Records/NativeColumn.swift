import Bytes

/// A column as a block holds it: values before they are texts, in as few bytes as they need, so that filters and
/// functions work on numbers and codes, and only what is shown becomes text.
public enum NativeColumn: Sendable {
    /// The same value in every row.
    case constant(ByteString)
    /// A code a row into distinct values; where `hasMissing`, the code behind the last value means none.
    case coded(NativeCodes, NativeValues, hasMissing: Bool)
    /// One value a row, or, with presence, one a row that has one, in the order of the rows.
    case plain(NativeValues, RowPresence?)

    /// Bytes held, roughly.
    public var memoryBytes: Int {
        switch self {
        case .constant(let value): value.count + 64
        case .coded(let codes, let values, _): codes.memoryBytes + values.memoryBytes + 64
        case .plain(let values, let presence): values.memoryBytes + (presence?.memoryBytes ?? 0) + 64
        }
    }
}

/// Codes in as many bytes each as the largest needs.
public enum NativeCodes: Sendable {
    case bytes([UInt8])
    case words([UInt16])
    case wide([UInt32])

    /// Codes below `limit`. O(count).
    public init(_ codes: [UInt32], limit: Int) {
        if limit <= 1 << 8 {
            self = .bytes(codes.map { UInt8(truncatingIfNeeded: $0) })
        } else if limit <= 1 << 16 {
            self = .words(codes.map { UInt16(truncatingIfNeeded: $0) })
        } else {
            self = .wide(codes)
        }
    }

    public var count: Int {
        switch self {
        case .bytes(let codes): codes.count
        case .words(let codes): codes.count
        case .wide(let codes): codes.count
        }
    }

    @inlinable
    public subscript(row: Int) -> Int {
        switch self {
        case .bytes(let codes): Int(codes[row])
        case .words(let codes): Int(codes[row])
        case .wide(let codes): Int(codes[row])
        }
    }

    /// All codes, four bytes each. O(count).
    public var widened: [UInt32] {
        switch self {
        case .bytes(let codes): codes.map(UInt32.init)
        case .words(let codes): codes.map(UInt32.init)
        case .wide(let codes): codes
        }
    }

    public var memoryBytes: Int {
        switch self {
        case .bytes(let codes): codes.count
        case .words(let codes): codes.count * 2
        case .wide(let codes): codes.count * 4
        }
    }
}

/// Which rows of a column have a value: a bit a row, 64 to a word, and how many came before each word.
public struct RowPresence: Sendable {
    public let words: [UInt64]
    public let ranks: [UInt32]
    /// Rows that have a value, and all rows.
    public let count: Int
    public let rowCount: Int

    /// Bits of rows behind the last must be zero. O(words).
    public init(words: [UInt64], rowCount: Int) {
        precondition(words.count == (rowCount + 63) / 64)
        self.words = words
        self.rowCount = rowCount
        var ranks: [UInt32] = []
        ranks.reserveCapacity(words.count)
        var count = 0
        for word in words {
            ranks.append(UInt32(count))
            count += word.nonzeroBitCount
        }
        self.ranks = ranks
        self.count = count
    }

    @inlinable
    public func contains(_ row: Int) -> Bool { words[row >> 6] >> UInt64(row & 63) & 1 == 1 }

    /// How many rows before `row` have a value. O(1).
    @inlinable
    public func rank(of row: Int) -> Int {
        let below = words[row >> 6] & ((1 << UInt64(row & 63)) - 1)
        return Int(ranks[row >> 6]) + below.nonzeroBitCount
    }

    /// The row of each value, in order. O(words + values).
    public var rows: [Int32] {
        var rows: [Int32] = []
        rows.reserveCapacity(count)
        for (index, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                rows.append(Int32(truncatingIfNeeded: index << 6 | rest.trailingZeroBitCount))
                rest &= rest &- 1
            }
        }
        return rows
    }

    public var memoryBytes: Int { words.count * 12 }
}

/// Tells a stored block apart from all others that this process has seen.
public struct BlockIdentity: Hashable, Sendable {
    /// Of the bytes that the block is part of, and where it begins in them.
    public var source: UInt64
    public var offset: Int

    public init(source: UInt64, offset: Int) {
        self.source = source
        self.offset = offset
    }
}

/// A block that can hand out its columns as it holds them.
public protocol NativeBlock: ColumnBlock {
    var identity: BlockIdentity { get }
    /// Nil for a field that the block does not have, and for one that is held in a way that has no native form: ask
    /// `column(_:)`. O(rows).
    func nativeColumn(_ name: ByteString) throws -> NativeColumn?
}
