import Bytes

extension Finding {
    func save(to writer: inout ByteWriter) {
        writer.writeVarint(number)
        writer.write(group.rawValue)
        writer.writeVarint(members.count)
        for member in members {
            writer.write(member.series)
            writer.write(member.logDays.bitPattern)
            writer.write(member.onset)
            writer.write(member.direction.rawValue)
        }
        writer.write(change.rawValue)
        for time in [onset, detectedAt, lastAlarm, lastSeen, resolvedAt ?? .min] { writer.write(time) }
        for value in [observed, expected, expectedLow, expectedHigh, score] { writer.write(value.bitPattern) }
        writer.writeVarint(causes.count)
        for cause in causes {
            writer.writeCounted(Array(cause.field.utf8))
            writer.writeCounted(Array(cause.value.utf8))
            for value in [cause.change, cause.changeElsewhere, cause.evidence, cause.rows] {
                writer.write(value.bitPattern)
            }
            writer.writeCounted(Array(cause.service.utf8))
            writer.write(cause.role.rawValue)
        }
        writer.writeVarint(samples.count)
        for sample in samples {
            writer.write(sample.time)
            for text in [sample.service, sample.message, sample.traceID] { writer.writeCounted(Array(text.utf8)) }
        }
        writer.writeVarint(points.count)
        for point in points {
            writer.write(point.time)
            for value in [point.observed, point.expectedLow, point.expectedHigh] { writer.write(value.bitPattern) }
        }
        writer.writeVarint(revision)
        writer.writeVarint(patterns.count)
        for pattern in patterns { writer.writeCounted(Array(pattern.utf8)) }
    }

    @_lifetime(reader: copy reader)
    init(from reader: inout ByteReader, seriesLimit: Int, version: UInt32) throws(CorruptionError) {
        number = try reader.readVarint()
        guard let group = Group(rawValue: try reader.readUInt8()) else {
            throw CorruptionError("a finding of an unknown group", offset: reader.offset)
        }
        self.group = group
        members = try Self.members(from: &reader, seriesLimit: seriesLimit)
        guard let change = Assessment.Kind(rawValue: try reader.readUInt8()) else {
            throw CorruptionError("a finding of an unknown kind", offset: reader.offset)
        }
        self.change = change
        onset = try reader.readInt64()
        detectedAt = try reader.readInt64()
        lastAlarm = try reader.readInt64()
        lastSeen = try reader.readInt64()
        let resolved = try reader.readInt64()
        resolvedAt = resolved == .min ? nil : resolved
        observed = Double(bitPattern: try reader.readUInt64())
        expected = Double(bitPattern: try reader.readUInt64())
        expectedLow = Double(bitPattern: try reader.readUInt64())
        expectedHigh = Double(bitPattern: try reader.readUInt64())
        score = Double(bitPattern: try reader.readUInt64())
        causes = try Self.causes(from: &reader, version: version)
        samples = try Self.samples(from: &reader)
        points = try Self.points(from: &reader)
        revision = try reader.readCount(limit: .max)
        for _ in 0..<(try reader.readCount(limit: PatternWatch.maximumShapes)) {
            patterns.append(try Self.text(from: &reader))
        }
    }

    @_lifetime(reader: copy reader)
    private static func members(from reader: inout ByteReader, seriesLimit: Int) throws(CorruptionError) -> [Member] {
        var members: [Member] = []
        for _ in 0..<(try reader.readCount(limit: seriesLimit)) {
            let series = try reader.readUInt32()
            let logDays = Float(bitPattern: try reader.readUInt32())
            let onset = try reader.readInt64()
            let direction = Assessment.Direction(rawValue: Int8(bitPattern: try reader.readUInt8()))
            guard series < UInt32(seriesLimit), let direction else {
                throw CorruptionError("a finding of a series that is not there", offset: reader.offset)
            }
            members.append(Member(series: Int32(series), logDays: logDays, onset: onset, direction: direction))
        }
        guard !members.isEmpty else { throw CorruptionError("a finding without a series", offset: reader.offset) }
        return members
    }

    @_lifetime(reader: copy reader)
    private static func text(from reader: inout ByteReader) throws(CorruptionError) -> String {
        String(decoding: try reader.readCounted(), as: UTF8.self)
    }

    @_lifetime(reader: copy reader)
    private static func causes(
        from reader: inout ByteReader, version: UInt32
    ) throws(CorruptionError) -> [Deviation.Cause] {
        var causes: [Deviation.Cause] = []
        for _ in 0..<(try reader.readCount(limit: 64)) {
            let field = try text(from: &reader)
            let value = try text(from: &reader)
            var numbers: [Double] = []
            for _ in 0..<4 { numbers.append(Double(bitPattern: try reader.readUInt64())) }
            var cause = Deviation.Cause(
                field: field, value: value, change: numbers[0], changeElsewhere: numbers[1], evidence: numbers[2],
                rows: numbers[3])
            // Version 4 knew places alone.
            if version >= 5 {
                cause.service = try text(from: &reader)
                guard let role = Deviation.Cause.Role(rawValue: try reader.readUInt8()) else {
                    throw CorruptionError("a cause of an unknown role", offset: reader.offset)
                }
                cause.role = role
            }
            causes.append(cause)
        }
        return causes
    }

    @_lifetime(reader: copy reader)
    private static func samples(from reader: inout ByteReader) throws(CorruptionError) -> [Deviation.Sample] {
        var samples: [Deviation.Sample] = []
        for _ in 0..<(try reader.readCount(limit: 64)) {
            let time = try reader.readInt64()
            samples.append(
                Deviation.Sample(
                    time: time, service: try text(from: &reader), message: try text(from: &reader),
                    traceID: try text(from: &reader)))
        }
        return samples
    }

    @_lifetime(reader: copy reader)
    private static func points(from reader: inout ByteReader) throws(CorruptionError) -> [Deviation.Point] {
        var points: [Deviation.Point] = []
        for _ in 0..<(try reader.readCount(limit: EngineLimits.pointsPerFinding)) {
            let time = try reader.readInt64()
            let observed = Double(bitPattern: try reader.readUInt64())
            let low = Double(bitPattern: try reader.readUInt64())
            let high = Double(bitPattern: try reader.readUInt64())
            points.append(Deviation.Point(time: time, observed: observed, expectedLow: low, expectedHigh: high))
        }
        return points
    }
}
