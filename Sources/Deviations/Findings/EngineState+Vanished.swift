import Bytes
import Records

/// Forms of messages that a service writes no more.
extension EngineState {
    /// Mines one of eight messages, and counts it to the rate of its form where that is watched. `place`: of the open
    /// bucket that the rows lie in. Which of the eight is left to chance: requests that write the same few records in
    /// the same order would else show always the same of them.
    mutating func watchTemplates(_ batch: RecordBatch, _ codes: BatchCodes, rows: Range<Int>, place: Int) {
        guard codes.message >= 0 else { return }
        let sampling = UInt64(TemplateWatch.sampling)
        let first = counters.rows + UInt64(rows.lowerBound)
        for eight in first / sampling...(counters.rows + UInt64(rows.upperBound)) / sampling {
            let picked = eight * sampling + TemplateWatch.pick(eight)
            guard picked >= first, picked < counters.rows + UInt64(rows.upperBound) else { continue }
            let row = Int(picked - counters.rows)
            let message = MinedText.of(batch.value(row: row, column: codes.message))
            if message.byteCount > 0, codes.services[row] != ValueTable.overflow {
                let code = templates.add(message, time: batch.times[row], service: codes.services[row])
                if code > 0 { countTemplate(code, service: Int(codes.services[row]), place: place) }
                watchVariables(message, codes, row: row, place: place)
            }
        }
    }

    /// Not a name that a record could have.
    static let templateField = ByteString("\u{1}template")

    private mutating func countTemplate(_ code: UInt16, service: Int, place: Int) {
        guard let field = fieldNumber(Self.templateField, role: .template), !fields[field].isClosed,
            let slot = partSlot(
                measure: 0, dimension: fields[field].position, service: service, code: Int(code),
                bucket: open[place].number)
        else { return }
        open[place].addOne(to: slot)
    }

    /// Before each evaluation gives up the series of forms that were absorbed into a pattern, as happens to the many of
    /// one template, and of those that have long been gone. O(forms watched).
    mutating func retireTemplates(at time: Int64) {
        guard let number = fieldNumbers[Self.templateField], fields[number].position >= 0 else { return }
        for (service, code) in templates.retired(at: time) {
            let table = partSlots[0][fields[number].position]
            let place = Int(service) * Self.codesPerService + Int(code)
            guard place < table.count, table[place] >= 0 else { continue }
            retire(slot: Int(table[place]))
        }
    }

    /// Once an hour.
    mutating func tellVanished(bucket: Int64) {
        let time = (bucket + 1) * bucketNanoseconds
        let speaking = Set((0..<baseSlots[0].count).filter(isSpeaking).map { UInt16($0) })
        let news = templates.vanished(at: time, learning: Int64(options.learningDays * 86_400e9)) {
            speaking.contains($0)
        }
        for one in news { report(vanished: one.text.string, of: one.service, since: one.last, at: time) }
    }

    /// Whether a service's latest three hours had at least half of the records that are usual.
    private func isSpeaking(_ service: Int) -> Bool {
        let slot = Int(baseSlots[0][service])
        guard slot >= 0, slots[slot].rateSeries >= 0 else { return false }
        let latest = steps(Int(slots[slot].rateSeries)).suffix(max(1, 36 / Int(max(slots[slot].stride, 1))))
        guard let last = latest.last, last.observed > 0, 2 * last.observed >= last.expected else { return false }
        let observed = latest.reduce(0) { $0 + $1.observed }
        return 2 * observed > latest.reduce(0) { $0 + $1.expected }
    }

    private mutating func report(vanished text: String, of service: UInt16, since last: Int64, at time: Int64) {
        let series = slots[Int(baseSlots[0][Int(service)])].rateSeries
        let member = Finding.Member(series: series, logDays: 0, onset: last, direction: .down)
        let finding = Finding(
            number: nextFinding, group: .vanished, members: [member], change: .silence, onset: last, detectedAt: time,
            lastAlarm: time, lastSeen: time)
        tell(text, finding, service: service)
    }
}
