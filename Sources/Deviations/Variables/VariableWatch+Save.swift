import Bytes

extension VariableWatch {
    func save(to writer: inout ByteWriter) {
        writer.writeVarint(outside)
        writer.writeVarint(entries.count)
        for (key, entry) in entries.sorted(by: { $0.key < $1.key }) {
            writer.write(key)
            writer.write(entry.count)
            writer.write(entry.last)
            writer.write(entry.state)
        }
        writer.writeVarint(trials.count)
        for (key, trial) in trials.sorted(by: { $0.key < $1.key }) {
            writer.write(key)
            trial.save(to: &writer)
        }
        writer.writeVarint(forms.count)
        for form in forms { form.save(to: &writer) }
        writer.writeVarint(resting.count)
        for slot in resting { writer.writeVarint(Int(slot)) }
    }

    /// `slots`: how many there are.
    @_lifetime(reader: copy reader)
    init(from reader: inout ByteReader, slots: Int) throws(CorruptionError) {
        outside = try reader.readVarint()
        for _ in 0..<(try reader.readCount(limit: Self.maximumEntries)) {
            let key = try reader.readUInt64()
            entries[key] = Entry(
                count: try reader.readUInt32(), last: try reader.readInt64(),
                state: Int32(bitPattern: try reader.readUInt32()))
        }
        for _ in 0..<(try reader.readCount(limit: Self.maximumTrials)) {
            let key = try reader.readUInt64()
            trials[key] = try VariableTrial(from: &reader)
        }
        for number in 0..<(try reader.readCount(limit: EngineLimits.series)) {
            let form = try VariableForm(from: &reader, slots: slots)
            forms.append(form)
            if form.isVacant { freeForms.append(number) } else { own(number) }
        }
        freeForms.reverse()
        for _ in 0..<(try reader.readCount(limit: slots)) {
            resting.append(Int32(try reader.readCount(limit: max(slots - 1, 0))))
        }
        for entry in entries.values where entry.state >= 0 {
            guard Int(entry.state) < forms.count, !forms[Int(entry.state)].isVacant else {
                throw CorruptionError("a form of messages that is not there", offset: reader.offset)
            }
        }
    }
}

extension VariableForm {
    func save(to writer: inout ByteWriter) {
        writer.writeVarint(places.count)
        writer.write(key)
        writer.write(service)
        writer.writeCounted(sample.bytes)
        writer.write(count)
        writer.write(first)
        writer.write(last)
        for place in places { place.save(to: &writer) }
    }

    @_lifetime(reader: copy reader)
    init(from reader: inout ByteReader, slots: Int) throws(CorruptionError) {
        let count = try reader.readCount(limit: VariableTrial.variables)
        self.init(
            key: try reader.readUInt64(), service: try reader.readUInt16(),
            sample: ByteString(try reader.readCounted()), places: [], count: try reader.readUInt32(),
            first: try reader.readInt64(), last: try reader.readInt64())
        for _ in 0..<count { places.append(try VariablePlace(from: &reader, slots: slots)) }
    }
}

extension VariablePlace {
    func save(to writer: inout ByteWriter) {
        writer.write(kind.rawValue)
        writer.write(variable)
        writer.write(slot)
        writer.writeVarint(values.count)
        for value in values {
            writer.writeCounted(value.text.bytes)
            writer.write(value.slot)
        }
        writer.write(seen.bitPattern)
        writer.write(others.bitPattern)
        writer.writeVarint(newcomers.count)
        for newcomer in newcomers {
            writer.writeCounted(newcomer.text.bytes)
            writer.write(newcomer.count.bitPattern)
        }
    }

    @_lifetime(reader: copy reader)
    init(from reader: inout ByteReader, slots: Int) throws(CorruptionError) {
        guard let kind = Kind(rawValue: try reader.readUInt8()) else {
            throw CorruptionError("a variable that is watched in an unknown way", offset: reader.offset)
        }
        self.init(kind: kind, variable: try reader.readUInt8(), slot: Int32(bitPattern: try reader.readUInt32()))
        for _ in 0..<(try reader.readCount(limit: VariableTrial.values)) {
            let text = ByteString(try reader.readCounted())
            let slot = Int32(bitPattern: try reader.readUInt32())
            values.append(Value(text: text, hash: hash64(text.bytes.rawSpan), slot: slot))
        }
        seen = Float(bitPattern: try reader.readUInt32())
        others = Float(bitPattern: try reader.readUInt32())
        for _ in 0..<(try reader.readCount(limit: 16)) {
            let text = ByteString(try reader.readCounted())
            newcomers.append(Newcomer(text: text, count: Float(bitPattern: try reader.readUInt32())))
        }
        guard slot >= 0, self.slots.allSatisfy({ Int($0) < slots }) else {
            throw CorruptionError("a variable of a slot that is not there", offset: reader.offset)
        }
    }
}

extension VariableTrial {
    func save(to writer: inout ByteWriter) {
        writer.write(first)
        writer.write(last)
        writer.writeVarint(count)
        writer.writeCounted(sample.bytes)
        writer.writeVarint(variables.count)
        for variable in variables {
            for number in [variable.numbers, variable.wholes, variable.rises, variable.falls] {
                writer.writeVarint(number)
            }
            writer.write(variable.last.bitPattern)
            writer.write(variable.hasMore ? 1 : 0 as UInt8)
            for list in [variable.values, variable.repeats] {
                writer.writeVarint(list.count)
                for value in list {
                    writer.writeCounted(value.text.bytes)
                    writer.writeVarint(value.count)
                }
            }
        }
    }

    @_lifetime(reader: copy reader)
    init(from reader: inout ByteReader) throws(CorruptionError) {
        let first = try reader.readInt64()
        let last = try reader.readInt64()
        let count = try reader.readCount(limit: .max)
        self.init(ByteString(try reader.readCounted()), variables: 0, bucket: first)
        self.last = last
        self.count = count
        for _ in 0..<(try reader.readCount(limit: Self.variables)) {
            var variable = Variable()
            variable.numbers = try reader.readCount(limit: .max)
            variable.wholes = try reader.readCount(limit: .max)
            variable.rises = try reader.readCount(limit: .max)
            variable.falls = try reader.readCount(limit: .max)
            variable.last = Double(bitPattern: try reader.readUInt64())
            variable.hasMore = try reader.readUInt8() != 0
            variable.values = try Self.values(from: &reader)
            variable.repeats = try Self.values(from: &reader)
            variables.append(variable)
        }
    }

    @_lifetime(reader: copy reader)
    private static func values(from reader: inout ByteReader) throws(CorruptionError) -> [Value] {
        var values: [Value] = []
        for _ in 0..<(try reader.readCount(limit: 64)) {
            let text = ByteString(try reader.readCounted())
            values.append(Value(text: text, count: try reader.readCount(limit: .max)))
        }
        return values
    }
}
