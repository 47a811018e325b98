import Bytes

extension TemplateMiner {
    /// Of the encoding below.
    static let codingVersion: UInt8 = 1

    /// Appends the state, for checkpoints. The templates are formed first, as `consolidate` does it, so that what is
    /// read back resolves every number as this miner would after `consolidate`. O(numbers + shapes × length).
    ///
    /// Version, number count, overflow number + 1, then for each number count, first, last - first and absorbing
    /// number; then the shapes: number, whether it is a pattern, codes, sample. Integers are varints, codes 8 bytes.
    public func encode(into writer: inout ByteWriter) {
        var settled = self
        settled.consolidate()
        settled.write(into: &writer)
    }

    private func write(into writer: inout ByteWriter) {
        writer.write(Self.codingVersion)
        writer.writeVarint(statistics.count)
        writer.writeVarint(overflowNumber.map { $0 + 1 } ?? 0)
        for (number, seen) in statistics.enumerated() {
            writer.writeVarint(UInt64(seen.count))
            writer.writeZigzag(seen.first)
            writer.writeVarint(UInt64(bitPattern: seen.last &- seen.first))
            writer.writeVarint(Int(absorbedBy[number]))
        }
        writer.writeVarint(shapeCount)
        for group in groups {
            for shape in group.shapes {
                writer.writeVarint(shape.number)
                writer.write(shape.isPattern ? 1 : 0 as UInt8)
                writer.writeVarint(shape.codes.count)
                for code in shape.codes { writer.write(code) }
                writer.writeCounted(shape.sample)
            }
        }
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
        let count = try reader.readCount(limit: Self.maximumNumbers)
        let overflow = try reader.readCount(limit: count)
        overflowNumber = overflow == 0 ? nil : overflow - 1
        for _ in 0..<count { try readStatistics(&reader, count: count) }
        let shapes = try reader.readCount(limit: min(count, maximumShapes))
        var live = [Bool](repeating: false, count: count)
        for _ in 0..<shapes {
            let start = reader.offset
            let shape = try readShape(&reader, count: count)
            guard !live[shape.number], Int(absorbedBy[shape.number]) == shape.number else {
                throw CorruptionError("shape \(shape.number) twice", offset: start)
            }
            live[shape.number] = true
            if !shape.isPattern { numberOf[hashCodes(shape.codes)] = Int32(shape.number) }
            add(shape)
        }
        if let overflowNumber { live[overflowNumber] = true }
        guard absorbedBy.allSatisfy({ absorbedBy[Int($0)] == $0 && live[Int($0)] }) else {
            throw CorruptionError("a number without a shape", offset: reader.offset)
        }
        consolidate()
    }

    @_lifetime(reader: copy reader)
    private mutating func readStatistics(_ reader: inout ByteReader, count: Int) throws(CorruptionError) {
        let number = newNumber(0)
        let start = reader.offset
        let messages = try reader.readVarint()
        let first = try reader.readZigzag()
        let span = try reader.readVarint()
        let last = first &+ Int64(bitPattern: span)
        let absorbing = try reader.readCount(limit: max(count, 1) - 1)
        guard messages < 1 << 42, last >= first else {
            throw CorruptionError("impossible template statistics", offset: start)
        }
        statistics[number] = ShapeStatistics(count: Int64(messages), first: first, last: last)
        absorbedBy[number] = Int32(absorbing)
    }

    @_lifetime(reader: copy reader)
    private func readShape(_ reader: inout ByteReader, count: Int) throws(CorruptionError) -> Shape {
        let number = try reader.readCount(limit: max(count, 1) - 1)
        let isPattern = try reader.readUInt8() != 0
        let length = try reader.readCount(limit: Tokenizer.maximumTokens)
        var codes: [UInt64] = []
        for _ in 0..<length { codes.append(try reader.readUInt64()) }
        let sample = try reader.readCounted()
        return Shape(number: number, codes: codes, isPattern: isPattern, sample: sample)
    }
}
