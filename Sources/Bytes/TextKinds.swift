import CKernels

/// Texts taken apart one behind the other (see `splitMessage`): which kind each is of, that is what static text it has,
/// and the variables of all of them. All texts stand in one arena.
public struct TextKinds: Sendable {
    /// The row of the first text of each kind.
    public private(set) var firstRows: [UInt32] = []
    /// Where the variables of each kind begin among `bounds`, and their end.
    public private(set) var starts: [UInt32] = [0]
    /// Start and end of every variable within the first text of its kind.
    public private(set) var bounds: [UInt32] = []
    /// A row's kind + 1; 0 for a text that is none of them. As many as there are texts.
    public private(set) var codes: [UInt32]
    /// Rows that were taken apart.
    public private(set) var rows = 0

    private let kindsLimit: Int
    private let quotes: QuotedText
    private var hashes: [UInt64] = []
    private var models: [plumb_slice] = []
    private var slots = [UInt32](repeating: 0, count: 1_024)
    private var found: [UInt64]
    private var used = 0

    public var count: Int { firstRows.count }

    /// Texts beyond `kindsLimit` kinds are of none.
    public init(texts: Int, kindsLimit: Int, quotes: QuotedText = .words) {
        self.kindsLimit = kindsLimit
        self.quotes = quotes
        codes = [UInt32](repeating: 0, count: texts)
        found = [UInt64](repeating: 0, count: texts * 4 + maximumVariables)
    }

    /// The variables of the texts that are of a kind, one text behind the other: offset in the low half, length in the
    /// high half. O(1), once, when all texts are taken apart.
    public mutating func takeVariables() -> [UInt64] {
        precondition(rows == codes.count)
        found.removeLast(found.count - used)
        var taken: [UInt64] = []
        swap(&taken, &found)
        return taken
    }

    /// Takes the texts up to `end` apart: pairs of offset and length (see `SliceKernels`), as many as the
    /// initialiser was told, the same at each call. O(bytes).
    public mutating func split(_ texts: RawSpan, _ arena: RawSpan, until end: Int) {
        precondition(SliceKernels.check(texts, arena) == codes.count && end <= codes.count && arena.byteCount < 1 << 32)
        var scratch = [UInt32](repeating: 0, count: 2 * maximumVariables)
        while rows < end {
            var width = 0
            var hash: UInt64 = 0
            rows = walk(texts, arena, until: end, &scratch, &width, &hash)
            if rows == end { return }
            if width > maximumVariables {
                found.append(contentsOf: repeatElement(0, count: found.count))
            } else if count < kindsLimit {
                addKind(texts.loadUInt64(at: rows * 8), scratch[..<(2 * width)], hash)
            } else {
                rows += 1
            }
        }
    }

    /// Answers the row at which the kernel stopped.
    private mutating func walk(
        _ texts: RawSpan, _ arena: RawSpan, until end: Int, _ own: inout [UInt32], _ width: inout Int,
        _ hash: inout UInt64
    ) -> Int {
        let mask = UInt32(slots.count - 1)
        let start = rows
        // The texts lie within the arena (`split` has checked), there is a code a text, the kernel stops before there
        // may be no room for a text's variables, and half of the slots are free.
        return unsafe texts.withUnsafeBytes { texts in
            unsafe arena.withUnsafeBytes { arena in
                unsafe found.withUnsafeMutableBytes { found in
                    unsafe plumb_split_texts(
                        arena.baseAddress?.assumingMemoryBound(to: UInt8.self),
                        texts.baseAddress?.assumingMemoryBound(to: plumb_slice.self), start, end,
                        quotes.areWhole, hashes, models, starts, bounds, slots, mask, &codes,
                        found.baseAddress?.assumingMemoryBound(to: plumb_slice.self), found.count / 8, &used, &own,
                        &width, &hash)
                }
            }
        }
    }

    private mutating func addKind(_ model: UInt64, _ variables: ArraySlice<UInt32>, _ hash: UInt64) {
        firstRows.append(UInt32(rows))
        hashes.append(hash)
        models.append(
            plumb_slice(
                offset: UInt32(truncatingIfNeeded: model), length: UInt32(truncatingIfNeeded: model >> 32)))
        bounds += variables
        starts.append(UInt32(bounds.count / 2))
        if count * 2 > slots.count {
            slots = [UInt32](repeating: 0, count: slots.count * 4)
            for kind in hashes.indices { place(kind) }
        } else {
            place(count - 1)
        }
    }

    private mutating func place(_ kind: Int) {
        var slot = Int(truncatingIfNeeded: hashes[kind]) & (slots.count - 1)
        while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = UInt32(kind) + 1
    }
}

extension [UInt64] {
    /// Offsets in the low halves and lengths in the high ones, as `SliceKernels` take them. O(1).
    public var slicePairs: RawSpan {
        @_lifetime(borrow self)
        get {
            // A number has no padding, which is what `bytes` is unsafe for.
            unsafe span.bytes
        }
    }
}
