import Bytes

extension Slot {
    func save(to writer: inout ByteWriter) {
        writer.write(measure)
        writer.write(dimension)
        writer.write(service)
        writer.write(code)
        writer.write(stride)
        for value in [count, sum, squares, rows] { writer.write(value.bitPattern) }
        writer.write(within.bitPattern)
        writer.write(withinWeight.bitPattern)
        writer.write(firstBucket)
        writer.write(rateSeries)
        writer.write(valueSeries)
    }

    @_lifetime(reader: copy reader)
    init(from reader: inout ByteReader) throws(CorruptionError) {
        self.init(
            measure: try reader.readUInt8(), dimension: Int16(bitPattern: try reader.readUInt16()),
            service: try reader.readUInt16(), code: try reader.readUInt16(), firstBucket: 0)
        stride = try reader.readUInt8()
        count = Double(bitPattern: try reader.readUInt64())
        sum = Double(bitPattern: try reader.readUInt64())
        squares = Double(bitPattern: try reader.readUInt64())
        rows = Double(bitPattern: try reader.readUInt64())
        within = Float(bitPattern: try reader.readUInt32())
        withinWeight = Float(bitPattern: try reader.readUInt32())
        firstBucket = try reader.readInt64()
        rateSeries = Int32(bitPattern: try reader.readUInt32())
        valueSeries = Int32(bitPattern: try reader.readUInt32())
    }
}
