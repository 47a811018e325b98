import Bytes
import Statistics

extension WatchedSeries {
    func save(to writer: inout ByteWriter) {
        writer.write(slot)
        writer.write(quantity.rawValue)
        writer.write(patience.bitPattern)
        writer.write(logDays.bitPattern)
        var state = StateWriter()
        detector.save(to: &state)
        writer.writeVarint(state.words.count)
        for word in state.words { writer.write(word) }
        let steps = steps
        writer.writeVarint(steps.count)
        for step in steps {
            writer.write(step.time)
            for value in [step.observed, step.expected, step.low, step.high, step.weight] {
                writer.write(value.bitPattern)
            }
        }
    }

    @_lifetime(reader: copy reader)
    init(from reader: inout ByteReader, slotLimit: Int) throws(CorruptionError) {
        let slot = try reader.readUInt32()
        guard slot < UInt32(slotLimit), let quantity = Quantity(rawValue: try reader.readUInt8()) else {
            throw CorruptionError("a series of a slot that is not there", offset: reader.offset)
        }
        self.init(slot: Int32(slot), quantity: quantity, options: SeriesDetector.Options())
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
        for _ in 0..<(try reader.readCount(limit: Self.ringCapacity)) {
            let time = try reader.readInt64()
            var values: [Float] = []
            for _ in 0..<5 { values.append(Float(bitPattern: try reader.readUInt32())) }
            append(
                Step(
                    time: time, observed: values[0], expected: values[1], low: values[2], high: values[3],
                    weight: values[4]))
        }
    }
}
