import Bytes
import Records

/// Finds the templates of a stream of messages, online and in bounded memory.
///
/// Two levels. Messages with equal static text share a *shape*; a message whose shape is known costs a split, two hash
/// look-ups and a count. The shapes, of which there are few, are divided into *templates* by the words in which they
/// differ (`ColumnTree`), again whenever their number has grown by an eighth. A template with many shapes absorbs them
/// into one pattern.
///
/// Numbers are given to shapes, from 0 up, and never reused; a template has the least number of its shapes. As evidence
/// grows, shapes can move between templates, mostly because templates merge: `resolve` says to which template a number
/// belongs now.
public struct TemplateMiner: Sendable {
    /// Bytes of a message that are looked at and kept as a sample.
    public static let sampleBytes = Tokenizer.messageBytes
    /// Shapes kept at most, unless said otherwise; some hundred bytes each. Beyond them the templates not seen for
    /// longest are forgotten.
    public static let defaultMaximumShapes = 20_000
    /// Numbers given out at most, 36 bytes each. Messages of further shapes that fit no template are counted under
    /// `overflowNumber`.
    public static let maximumNumbers = 1 << 20
    /// Shapes of one template from which they are absorbed.
    static let absorbedShapes = 64

    var splitter = MessageSplitter()
    var parts = MessageParts()
    var tokenizer = Tokenizer()
    var cache = ShapeCache()

    /// By number.
    var statistics: [ShapeStatistics] = []
    /// By number: its template as of now.
    var templateOf: [Int32] = []
    /// By number: the shape that absorbed it, or itself.
    var absorbedBy: [Int32] = []

    var groups: [ShapeGroup] = []
    /// From the hash of length and first code to the group.
    var groupOf: [UInt64: Int] = [:]
    /// From the hash of all codes to the number.
    var numberOf: [UInt64: Int32] = [:]
    /// Shapes and patterns kept now.
    public internal(set) var shapeCount = 0
    /// Shapes that came since the templates were formed.
    var newShapes = 0
    /// Where messages are counted whose template was forgotten, or found no number; nil while there was room.
    public internal(set) var overflowNumber: Int?
    /// Shapes kept at most.
    public let maximumShapes: Int

    public init(maximumShapes: Int = Self.defaultMaximumShapes) {
        precondition(maximumShapes >= 16)
        self.maximumShapes = maximumShapes
    }

    /// Numbers given out so far.
    public var numberCount: Int { statistics.count }

    /// Counts a message; returns the number of its template as of now. O(length) when its shape is known.
    public mutating func assign(_ message: RawSpan, time: Timestamp) -> Int {
        Int(templateOf[shape(of: message, time: time)])
    }

    /// Counts a message; returns the number of its shape, which tells finer than `assign` and can be resolved to the
    /// template that it belongs to later, when more is known.
    public mutating func shape(of message: RawSpan, time: Timestamp) -> Int {
        let known = message.slice(0, min(message.byteCount, Self.sampleBytes))
        splitter.split(known, into: &parts)
        let key = parts.skeletonHash ^ parts.wordsHash
        if let number = cache.find(key) {
            statistics[number].add(time.nanoseconds)
            return number
        }
        let number = place(known, time.nanoseconds)
        cache.insert(key, number)
        statistics[number].add(time.nanoseconds)
        return number
    }

    /// The template to which a number belongs now. O(1).
    public func resolve(_ number: Int) -> Int { Int(templateOf[number]) }

    // MARK: new shapes

    private mutating func place(_ message: RawSpan, _ time: Int64) -> Int {
        tokenizer.read(message, variables: parts.variables)
        let codes = tokenizer.tokens.map(\.code)
        let hash = hashCodes(codes)
        if let number = numberOf[hash] { return Int(number) }
        let leaf = matchingLeaf(codes)
        if let leaf, leaf.isPattern { return leaf.number }
        // One number is kept back for the overflow.
        guard statistics.count < Self.maximumNumbers - 1 else { return leaf?.number ?? overflow(time) }
        let number = newNumber(time)
        if let leaf { templateOf[number] = templateOf[leaf.number] }
        numberOf[hash] = Int32(number)
        add(Shape(number: number, codes: codes, isPattern: false, sample: ByteString(message).bytes))
        if newShapes >= max(8, shapeCount / 8) || shapeCount >= maximumShapes { consolidate() }
        return number
    }

    /// The template that codes fit, among those with the same first word and then among those with any.
    private func matchingLeaf(_ codes: [UInt64]) -> (number: Int, isPattern: Bool)? {
        for first in [codes.first ?? 0, TokenCode.variable] {
            guard let group = groupOf[Self.groupKey(codes.count, first)],
                let leaf = groups[group].leaf(matching: codes)
            else { continue }
            return (leaf.number, groups[group].shapes[leaf.members[0]].isPattern)
        }
        return nil
    }

    mutating func newNumber(_ time: Int64) -> Int {
        let number = statistics.count
        statistics.append(ShapeStatistics(count: 0, first: time, last: time))
        templateOf.append(Int32(number))
        absorbedBy.append(Int32(number))
        return number
    }

    mutating func overflow(_ time: Int64) -> Int {
        if let overflowNumber { return overflowNumber }
        let number = newNumber(time)
        overflowNumber = number
        return number
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
        newShapes += 1
    }

    static func groupKey(_ length: Int, _ first: UInt64) -> UInt64 { hashCodes([UInt64(length), first]) }
}
