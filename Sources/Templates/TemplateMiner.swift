import Bytes
import Records

/// Finds the templates of a stream of messages, online and in bounded memory.
///
/// Two levels. Messages with equal static text share a *shape*; a message whose shape is known costs a split, one look
/// into a cache and a count. The shapes, of which there are few, are divided into *templates* by the words in which
/// they differ (`ColumnTree`), again whenever their number has grown by an eighth. A template of many shapes absorbs
/// them into one pattern.
///
/// Numbers are given to shapes, from 1 up, and never reused; a template has the least number of its shapes. As evidence
/// grows, shapes can move between templates, mostly because templates merge: `resolve` says to which template a number
/// belongs now. Number 0 is what was forgotten.
public struct TemplateMiner: Sendable {
    /// Bytes of a message that are looked at and kept as a sample.
    public static let sampleBytes = Tokenizer.messageBytes
    /// Shapes kept at most, unless said otherwise; some hundred bytes each. Beyond them the templates not seen for
    /// longest are forgotten, and their messages stay counted under `forgottenNumber`.
    public static let defaultMaximumShapes = 20_000
    /// The template of all messages whose own was forgotten.
    public static let forgottenNumber = 0
    /// Shapes of one template from which they are absorbed.
    static let absorbedShapes = 64

    /// Shapes and patterns kept at most.
    public let maximumShapes: Int
    /// Shapes and patterns kept now.
    public internal(set) var shapeCount = 0
    /// The number that the next new shape gets: all given out are less.
    public internal(set) var nextNumber = 1

    var splitter = MessageSplitter()
    var parts = MessageParts()
    var tokenizer = Tokenizer()
    var cache = ShapeCache()

    // By slot: a small integer that a shape holds while it is kept. Slot 0 is that of the forgotten.
    var numbers = [0]
    var statistics = [ShapeStatistics()]
    /// The slot of the template as of now.
    var templateOf: [Int32] = [0]
    var freeSlots: [Int32] = []

    /// From a number, be it that of a shape kept or of one absorbed, to the slot.
    var slotOf: [Int: Int32] = [0: 0]
    /// From the hash of all codes to the slot; patterns are not in it.
    var slotOfCodes: [UInt64: Int32] = [:]
    /// From the hash of length and first code to the group.
    var groupOf: [UInt64: Int] = [:]
    var groups: [ShapeGroup] = []
    /// Shapes that came since the templates were formed.
    var newShapes = 0

    public init(maximumShapes: Int = Self.defaultMaximumShapes) {
        precondition(maximumShapes >= 16 && maximumShapes <= 1 << 24)
        self.maximumShapes = maximumShapes
    }

    /// Counts a message; returns the number of its template as of now. O(length) when its shape is known.
    public mutating func assign(_ message: RawSpan, time: Timestamp) -> Int {
        numbers[Int(templateOf[observe(message, time)])]
    }

    /// Counts a message; returns the number of its shape, which tells finer than `assign` and can be resolved to the
    /// template that it belongs to later, when more is known.
    public mutating func shape(of message: RawSpan, time: Timestamp) -> Int { numbers[observe(message, time)] }

    /// Where the variables of the message taken in last lie, and the hash of its static text: see `MessageParts`.
    public var lastVariables: [Range<UInt32>] { parts.variables }
    public var lastStaticHash: UInt64 { parts.skeletonHash }

    /// The template to which a number belongs now; `forgottenNumber` for one that was forgotten or never given out.
    /// O(1).
    public func resolve(_ number: Int) -> Int { numbers[Int(templateOf[Int(slotOf[number] ?? 0)])] }

    /// Counts a message; returns the slot of its shape.
    private mutating func observe(_ message: RawSpan, _ time: Timestamp) -> Int {
        let known = message.slice(0, min(message.byteCount, Self.sampleBytes))
        splitter.split(known, into: &parts)
        let key = parts.skeletonHash ^ parts.wordsHash
        let slot = cache.find(key) ?? place(known, key, time)
        statistics[slot].add(time.nanoseconds)
        return slot
    }

    // MARK: new shapes

    /// Finds or makes the shape of a message that the cache does not know.
    private mutating func place(_ message: RawSpan, _ key: UInt64, _ time: Timestamp) -> Int {
        tokenizer.read(message, variables: parts.variables)
        let hash = hashCodes(tokenizer.codes)
        if let slot = slotOfCodes[hash] {
            cache.insert(key, Int(slot))
            return Int(slot)
        }
        let leaf = matchingLeaf(tokenizer.codes)
        if let leaf, leaf.isPattern {
            cache.insert(key, leaf.slot)
            return leaf.slot
        }
        if newShapes >= max(8, shapeCount / 8) || shapeCount >= maximumShapes {
            consolidate()
            return place(message, key, time)
        }
        let number = nextNumber
        nextNumber += 1
        let slot = takeSlot(number)
        if let leaf { templateOf[slot] = templateOf[leaf.slot] }
        slotOfCodes[hash] = Int32(slot)
        let sample = ByteString(message).bytes
        add(Shape(number: number, slot: slot, codes: tokenizer.codes, isPattern: false, sample: sample))
        newShapes += 1
        cache.insert(key, slot)
        return slot
    }

    /// The template that codes fit, among those with the same first word and then among those with any.
    private func matchingLeaf(_ codes: [UInt64]) -> (slot: Int, isPattern: Bool)? {
        for first in [codes.first ?? 0, TokenCode.variable] {
            guard let group = groupOf[Self.groupKey(codes.count, first)],
                let leaf = groups[group].leaf(matching: codes)
            else { continue }
            return (groups[group].leaves[leaf].slot, groups[group].isPattern(leaf))
        }
        return nil
    }

    mutating func takeSlot(_ number: Int) -> Int {
        let slot: Int
        if let free = freeSlots.popLast() {
            slot = Int(free)
            numbers[slot] = number
            statistics[slot] = ShapeStatistics()
            templateOf[slot] = free
        } else {
            slot = numbers.count
            numbers.append(number)
            statistics.append(ShapeStatistics())
            templateOf.append(Int32(slot))
        }
        slotOf[number] = Int32(slot)
        return slot
    }

    mutating func add(_ shape: Shape) {
        let key = Self.groupKey(shape.codes.count, shape.codes.first ?? 0)
        let group = groupOf[key] ?? groups.count
        if group == groups.count {
            groups.append(ShapeGroup())
            groupOf[key] = group
        }
        groups[group].insert(shape)
        shapeCount += 1
    }

    static func groupKey(_ length: Int, _ first: UInt64) -> UInt64 { mixed(UInt64(length) ^ mixed(first)) }
}
