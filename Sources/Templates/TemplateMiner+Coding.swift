import Bytes

extension TemplateMiner {
    /// Of the encoding below.
    static let codingVersion: UInt8 = 1

    /// Appends the state, for checkpoints. The templates are formed first, as `consolidate` does it, so that what is
    /// read back goes on as this miner would after `consolidate`. O(shapes × tokens).
    ///
    /// Version, next number, statistics of the forgotten, number of shapes; then the shapes, ascending by number:
    /// number, whether it is a pattern, statistics, codes (8 bytes each), sample, numbers that it absorbed, ascending.
    /// Statistics are count, first time and last - first. Integers are varints, times zigzag, lists counted.
    public func encode(into writer: inout ByteWriter) {
        var settled = self
        settled.consolidate()
        settled.write(into: &writer)
    }

    private func write(into writer: inout ByteWriter) {
        var aliases: [Int32: [Int]] = [:]
        for (number, slot) in slotOf where numbers[Int(slot)] != number { aliases[slot, default: []].append(number) }
        writer.write(Self.codingVersion)
        writer.writeVarint(nextNumber)
        write(statistics[0], into: &writer)
        writer.writeVarint(shapeCount)
        for shape in groups.flatMap(\.shapes).sorted(by: { $0.number < $1.number }) {
            writer.writeVarint(shape.number)
            writer.write(shape.isPattern ? 1 : 0 as UInt8)
            write(statistics[shape.slot], into: &writer)
            writer.writeVarint(shape.codes.count)
            for code in shape.codes { writer.write(code) }
            writer.writeCounted(shape.sample)
            let absorbed = aliases[Int32(shape.slot), default: []].sorted()
            writer.writeVarint(absorbed.count)
            for number in absorbed { writer.writeVarint(number) }
        }
    }

    private func write(_ seen: ShapeStatistics, into writer: inout ByteWriter) {
        writer.writeVarint(UInt64(seen.count))
        guard seen.count > 0 else { return }
        writer.writeZigzag(seen.first)
        writer.writeVarint(UInt64(bitPattern: seen.last &- seen.first))
    }

    /// Reads what `encode` wrote, with the same limit.
    ///
    /// - Throws: `CorruptionError` at the first byte that cannot be right.
    public init(
        from reader: inout ByteReader, maximumShapes: Int = Self.defaultMaximumShapes
    ) throws(CorruptionError) {
        self.init(maximumShapes: maximumShapes)
        let version = try reader.readUInt8()
        guard version == Self.codingVersion else {
            throw CorruptionError("template state of version \(version)", offset: reader.offset - 1)
        }
        nextNumber = try reader.readCount(limit: Int.max - 1)
        guard nextNumber > 0 else { throw CorruptionError("no next number", offset: reader.offset) }
        statistics[0] = try Self.readStatistics(&reader)
        let count = try reader.readCount(limit: maximumShapes)
        var last = 0
        for _ in 0..<count { try readShape(&reader, after: &last) }
        consolidate()
    }

    @_lifetime(reader: copy reader)
    private static func readStatistics(_ reader: inout ByteReader) throws(CorruptionError) -> ShapeStatistics {
        let start = reader.offset
        let count = try reader.readVarint()
        if count == 0 { return ShapeStatistics() }
        let first = try reader.readZigzag()
        let last = first &+ Int64(bitPattern: try reader.readVarint())
        // Far above what can be counted, and low enough that sums of all shapes stay in range.
        guard count < 1 << 38, last >= first else { throw CorruptionError("impossible statistics", offset: start) }
        return ShapeStatistics(count: Int64(count), first: first, last: last)
    }

    /// Reads a shape with a number greater than `last`, and sets that to it.
    @_lifetime(reader: copy reader)
    private mutating func readShape(_ reader: inout ByteReader, after last: inout Int) throws(CorruptionError) {
        let start = reader.offset
        let number = try reader.readCount(limit: nextNumber - 1)
        guard number > last, slotOf[number] == nil else {
            throw CorruptionError("shape \(number) twice", offset: start)
        }
        last = number
        let isPattern = try reader.readUInt8() != 0
        let slot = takeSlot(number)
        statistics[slot] = try Self.readStatistics(&reader)
        let length = try reader.readCount(limit: Tokenizer.maximumTokens)
        var codes: [UInt64] = []
        for _ in 0..<length { codes.append(try reader.readUInt64()) }
        let sample = try reader.readCounted()
        guard sample.count <= Self.sampleBytes else { throw CorruptionError("sample too long", offset: start) }
        if !isPattern { slotOfCodes[hashCodes(codes)] = Int32(slot) }
        add(Shape(number: number, slot: slot, codes: codes, isPattern: isPattern, sample: sample))
        for _ in 0..<(try reader.readCount(limit: reader.remaining)) {
            let absorbed = try reader.readCount(limit: nextNumber - 1)
            guard slotOf.updateValue(Int32(slot), forKey: absorbed) == nil else {
                throw CorruptionError("number \(absorbed) twice", offset: reader.offset)
            }
        }
    }
}
