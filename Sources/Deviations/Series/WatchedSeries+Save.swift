import Bytes
import Statistics

extension WatchedSeries {
    func save(to writer: inout ByteWriter) {
        writer.write(slot)
        if isVacant { return }
        writer.write(quantity.rawValue)
        writer.write(patience.bitPattern)
        writer.write(logDays.bitPattern)
        var state = StateWriter()
        detector.save(to: &state)
        writer.writeVarint(state.words.count)
        for word in state.words { writer.write(word) }
        let steps = packedSteps
        writer.writeVarint(steps.count)
        for step in steps {
            for value in [step.observed, step.residual.bits, step.weight.bits] { writer.write(value) }
            writer.write(step.reach)
            writer.write(step.gap)
        }
    }

    @_lifetime(reader: copy reader)
    init(
        from reader: inout ByteReader, slots: [Slot], bucketNanoseconds: Int64, version: UInt32
    ) throws(CorruptionError) {
        let slot = try reader.readUInt32()
        if slot == UInt32(bitPattern: -1) {
            self = .vacant
            return
        }
        guard slot < UInt32(slots.count), let quantity = Quantity(rawValue: try reader.readUInt8()) else {
            throw CorruptionError("a series of a slot that is not there", offset: reader.offset)
        }
        let source = slots[Int(slot)]
        self.init(
            slot: Int32(slot), quantity: quantity, options: SeriesDetector.Options(), isPart: source.dimension >= 0)
        patience = Float(bitPattern: try reader.readUInt32())
        logDays = Float(bitPattern: try reader.readUInt32())
        let count = try reader.readCount(limit: 4_096)
        var words: [UInt32] = []
        for _ in 0..<count { words.append(try reader.readUInt32()) }
        var state = StateReader(words)
        do {
            detector = try SeriesDetector(from: &state)
        } catch {
            throw CorruptionError("a detector's state breaks off at word \(error.word)", offset: reader.offset)
        }
        detector.countsRecords = quantity == .records
        if version < 7 {
            try readWide(&reader, tick: Int64(source.stride) * bucketNanoseconds)
            return
        }
        for _ in 0..<(try reader.readCount(limit: Self.ringCapacity)) {
            let observed = try reader.readUInt16()
            let residual = ShortFloat(bits: try reader.readUInt16())
            let weight = ShortFloat(bits: try reader.readUInt16())
            append(
                PackedStep(
                    observed: observed, residual: residual, weight: weight, reach: try reader.readUInt8(),
                    gap: try reader.readUInt8()))
        }
    }

    /// Steps with their times and all their numbers, as they were saved before version 7.
    @_lifetime(reader: copy reader)
    private mutating func readWide(_ reader: inout ByteReader, tick: Int64) throws(CorruptionError) {
        var before: Int64?
        for _ in 0..<(try reader.readCount(limit: Self.ringCapacity)) {
            let time = try reader.readInt64()
            var values: [Float] = []
            for _ in 0..<5 { values.append(Float(bitPattern: try reader.readUInt32())) }
            let usual = detector.onScale(Double(values[1]))
            let (apart, isFar) = time.subtractingReportingOverflow(before ?? time)
            append(
                observed: Double(values[0]), residual: detector.onScale(Double(values[0])) - usual,
                reach: detector.onScale(Double(values[3])) - usual, weight: Double(values[4]),
                gap: isFar || tick <= 0 ? 256 : Int(clamping: apart / tick))
            before = time
        }
    }
}
