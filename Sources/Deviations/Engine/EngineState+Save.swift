import Bytes
import Records
import Statistics

/// The saved form: version, journal position, clocks and counters, fields with their values, slots, open buckets,
/// series, findings. Little-endian, varints, each part counted. Rebuilt tables are not saved.
extension EngineState {
    static let version: UInt32 = 8

    func saved() -> [UInt8] {
        var writer = ByteWriter(capacity: 1 << 16)
        writer.write(Self.version)
        writer.write(position.group)
        writer.write(newest)
        writer.writeVarint(rowsInLastBucket)
        writer.writeVarint(counters.rows)
        writer.writeVarint(counters.late)
        writer.writeVarint(counters.ahead)
        for value in [counters.unwatchedValues, counters.unwatchedServices, counters.unwatchedParts] {
            writer.writeVarint(value)
        }
        writer.writeVarint(counters.seriesReplaced)
        writer.writeVarint(counters.seriesWaiting)
        writer.writeVarint(counters.fieldsClosed)
        writer.writeVarint(counters.updates)
        writer.writeVarint(counters.findings)
        writer.write(counters.watermark)
        save(services, to: &writer)
        writer.writeVarint(fields.count)
        for field in fields {
            writer.writeCounted(field.name.bytes)
            writer.write(UInt8(field.isClosed ? 1 : 0))
            writer.write(field.role.rawValue)
            save(field.values, to: &writer)
        }
        writer.writeVarint(slots.count)
        for slot in slots { slot.save(to: &writer) }
        for list in due + [unsettled] {
            writer.writeVarint(list.count)
            for slot in list { writer.writeVarint(Int(slot)) }
        }
        writer.writeVarint(open.count)
        for bucket in open { save(bucket, to: &writer) }
        writer.writeVarint(watched.count)
        for series in watched { series.save(to: &writer) }
        writer.writeVarint(nextFinding)
        writer.writeVarint(findingOrder.count)
        for number in findingOrder { findings[number]?.save(to: &writer) }
        patterns.save(to: &writer)
        writer.write(relief.bitPattern)
        saveTails(to: &writer)
        templates.save(to: &writer)
        variables.save(to: &writer)
        writer.writeVarint(frozen.count)
        for baseline in frozen { baseline.save(to: &writer) }
        let checksum = crc32c(writer.bytes.rawSpan)
        writer.write(checksum)
        return writer.bytes
    }

    private func save(_ table: ValueTable, to writer: inout ByteWriter) {
        writer.writeVarint(table.overflowed)
        writer.writeVarint(table.count)
        for value in table.values.dropFirst() { writer.writeCounted(value.bytes) }
    }

    private func save(_ bucket: OpenBucket, to writer: inout ByteWriter) {
        writer.write(bucket.number)
        writer.writeVarint(bucket.rows)
        writer.writeVarint(bucket.touched.count)
        for slot in bucket.touched {
            writer.writeVarint(Int(slot))
            let sum = bucket.sums[Int(slot)]
            writer.write(sum.count.bitPattern)
            writer.write(Double(sum.sum).bitPattern)
            writer.write(Double(sum.squares).bitPattern)
        }
    }

    /// Reads what `saved` wrote.
    init(saved bytes: [UInt8], options: EngineOptions) throws(CorruptionError) {
        self.init(options: options)
        guard bytes.count >= 8 else { throw CorruptionError("the state is cut short", offset: bytes.count) }
        let body = bytes.rawSpan.slice(0, bytes.count - 4)
        guard crc32c(body) == bytes.rawSpan.loadUInt32(at: bytes.count - 4) else {
            throw CorruptionError("the state's checksum does not match", offset: bytes.count - 4)
        }
        var reader = ByteReader(body)
        let version = try reader.readUInt32()
        guard (3...Self.version).contains(version) else { throw CorruptionError("unknown state version", offset: 0) }
        position = JournalPosition(group: try reader.readUInt64())
        newest = try reader.readInt64()
        rowsInLastBucket = try reader.readCount(limit: .max)
        counters.rows = try reader.readVarint()
        counters.late = try reader.readVarint()
        counters.ahead = try reader.readVarint()
        counters.unwatchedValues = try reader.readVarint()
        if version >= 7 {
            counters.unwatchedServices = try reader.readVarint()
            counters.unwatchedParts = try reader.readVarint()
            counters.seriesReplaced = try reader.readVarint()
            counters.seriesWaiting = try reader.readCount(limit: .max)
            counters.fieldsClosed = try reader.readCount(limit: .max)
        }
        counters.updates = try reader.readVarint()
        counters.findings = try reader.readVarint()
        counters.watermark = try reader.readInt64()
        services = try Self.table(from: &reader, limit: EngineLimits.services)
        try readFields(&reader, version: version)
        try readSlots(&reader)
        try readBuckets(&reader)
        try readSeries(&reader, version: version)
        nextFinding = try reader.readVarint()
        for _ in 0..<(try reader.readCount(limit: EngineLimits.findings + 1)) {
            let finding = try Finding(from: &reader, seriesLimit: watched.count, version: version)
            findings[finding.number] = finding
            findingOrder.append(finding.number)
            guard finding.resolvedAt == nil else { continue }
            openFindings.append(finding.number)
            for member in finding.members { watched[Int(member.series)].finding = finding.number }
        }
        patterns = try PatternWatch(from: &reader)
        relief = Float(bitPattern: try reader.readUInt32())
        fresh = []
        if version >= 6 {
            try readTails(&reader)
            templates = try TemplateWatch(from: &reader, version: version)
            if version >= 8 { variables = try VariableWatch(from: &reader, slots: slots.count) }
            for _ in 0..<(try reader.readCount(limit: EngineLimits.frozenBaselines)) {
                frozen.append(try FrozenBaseline(from: &reader, version: version))
            }
        }
    }

    private func saveTails(to writer: inout ByteWriter) {
        writer.writeVarint(tails.count)
        for tail in tails { tail.save(to: &writer) }
        for bucket in open {
            writer.writeVarint(bucket.touchedTails.count)
            for tail in bucket.touchedTails {
                writer.writeVarint(Int(tail))
                bucket.tails[Int(tail)].save(to: &writer)
            }
        }
        writer.writeVarint(fresh.count)
        for slot in fresh { writer.writeVarint(Int(slot)) }
    }

    @_lifetime(reader: copy reader)
    private mutating func readTails(_ reader: inout ByteReader) throws(CorruptionError) {
        tailOfSlot = [Int32](repeating: -1, count: slots.count)
        for number in 0..<(try reader.readCount(limit: slots.count)) {
            let tail = try TailSlot(from: &reader, slots: slots.count, watched: watched.count)
            tailOfSlot[Int(tail.slot)] = Int32(number)
            tails.append(tail)
        }
        for place in open.indices {
            open[place].reserve(tails: tails.count)
            for _ in 0..<(try reader.readCount(limit: tails.count)) {
                let tail = try reader.readCount(limit: max(tails.count - 1, 0))
                open[place].addTail(tail, try TailHistogram(from: &reader))
            }
        }
        fresh = try readList(&reader)
    }

    @_lifetime(reader: copy reader)
    private static func table(from reader: inout ByteReader, limit: Int) throws(CorruptionError) -> ValueTable {
        var table = ValueTable(limit: limit)
        table.overflowed = try reader.readVarint()
        for _ in 0..<(try reader.readCount(limit: limit)) {
            let value = try reader.readCounted()
            _ = table.restore(value.rawSpan)
        }
        return table
    }

    @_lifetime(reader: copy reader)
    private mutating func readFields(_ reader: inout ByteReader, version: UInt32) throws(CorruptionError) {
        for _ in 0..<(try reader.readCount(limit: EngineLimits.fields)) {
            let name = ByteString(try reader.readCounted())
            let isClosed = try reader.readUInt8() != 0
            // Version 3 knew no amounts and broke down by them.
            let named = FieldRole(name: name)
            let role =
                version >= 4 ? FieldRole(rawValue: try reader.readUInt8()) : named == .amount ? .dimension : named
            guard let role, let number = fieldNumber(name, role: role) else {
                throw CorruptionError("too many fields, or one of an unknown role", offset: reader.offset)
            }
            fields[number].values = try Self.table(from: &reader, limit: fields[number].values.limit)
            fields[number].isClosed = isClosed
            fields[number].refreshErrorCodes()
        }
    }

    @_lifetime(reader: copy reader)
    private mutating func readSlots(_ reader: inout ByteReader) throws(CorruptionError) {
        let start = reader.offset
        var vacant: [Int32] = []
        for number in 0..<(try reader.readCount(limit: 2 * EngineLimits.series + EngineLimits.services * 17)) {
            let slot = try Slot(from: &reader)
            if slot.isVacant {
                slots.append(slot)
                vacant.append(Int32(number))
                continue
            }
            if slot.isVariable, slot.dimension >= 0, Int(slot.dimension) < dimensions.count {
                slots.append(slot)
                continue
            }
            guard Int(slot.measure) <= measures.count, Int(slot.dimension) < dimensions.count,
                Int(slot.service) <= services.count, Int(slot.code) < Self.codesPerService
            else { throw CorruptionError("slot \(number) of a field that is not there", offset: start) }
            let made =
                slot.dimension < 0
                ? baseSlot(measure: Int(slot.measure), service: Int(slot.service), bucket: slot.firstBucket)
                : partSlot(
                    measure: Int(slot.measure), dimension: Int(slot.dimension), service: Int(slot.service),
                    code: Int(slot.code), bucket: slot.firstBucket)
            guard made == number else { throw CorruptionError("slot \(number) is there twice", offset: start) }
            slots[number] = slot
        }
        freeSlots = vacant.reversed()
        for place in due.indices { due[place] = try readList(&reader) }
        unsettled = try readList(&reader)
    }

    @_lifetime(reader: copy reader)
    private func readList(_ reader: inout ByteReader) throws(CorruptionError) -> [Int32] {
        var list: [Int32] = []
        for _ in 0..<(try reader.readCount(limit: slots.count)) {
            list.append(Int32(try reader.readCount(limit: max(slots.count - 1, 0))))
        }
        return list
    }

    @_lifetime(reader: copy reader)
    private mutating func readBuckets(_ reader: inout ByteReader) throws(CorruptionError) {
        for _ in 0..<(try reader.readCount(limit: EngineLimits.openBuckets + 2)) {
            var bucket = OpenBucket(number: try reader.readInt64())
            bucket.rows = try reader.readCount(limit: .max)
            bucket.reserve(slots: slots.count)
            for _ in 0..<(try reader.readCount(limit: slots.count)) {
                let slot = try reader.readCount(limit: slots.count - 1)
                bucket.touched.append(Int32(slot))
                bucket.sums[slot].count = Float(bitPattern: try reader.readUInt32())
                bucket.sums[slot].sum = Float(Double(bitPattern: try reader.readUInt64()))
                bucket.sums[slot].squares = Float(Double(bitPattern: try reader.readUInt64()))
            }
            open.append(bucket)
        }
    }

    @_lifetime(reader: copy reader)
    private mutating func readSeries(_ reader: inout ByteReader, version: UInt32) throws(CorruptionError) {
        for _ in 0..<(try reader.readCount(limit: EngineLimits.series)) {
            let series = try WatchedSeries(
                from: &reader, slots: slots, bucketNanoseconds: bucketNanoseconds, version: version)
            if series.isVacant {
                freeSeries.append(Int32(watched.count))
            } else {
                count(series.quantity, isPrimary: slots[Int(series.slot)].dimension < 0, change: 1)
            }
            watched.append(series)
        }
        freeSeries.reverse()
        for slot in slots {
            guard Int(slot.rateSeries) < watched.count, Int(slot.valueSeries) < watched.count else {
                throw CorruptionError("a slot names a series that is not there", offset: reader.offset)
            }
        }
        counters.series = liveSeries
    }
}
