import Bytes

/// A value never seen before in a field that had few.
extension EngineState {
    /// Values that a field of a service may have and still count as one of few.
    private static let few = 12
    private static let rowsToTell = 20.0
    /// Buckets within which they must come, and for which the field must have stood still.
    private static let window: Int64 = 72
    private static let still: Int64 = 576
    private static let watchedAtOnce = 256

    /// Names of fields whose values come and go with every deployment and machine.
    private static let passing = [
        "pod", "host", "instance", "node", "container", "replica", "thread", "pid", "ip", "addr", "port", "session",
        "user", "client", "hash", "sha", "build", "commit",
    ]

    static func isPassing(_ name: ByteString) -> Bool {
        let parts = name.string.lowercased().split { $0 == "_" || $0 == "." || $0 == "-" }
        return parts.contains { part in passing.contains { part == $0 } }
    }

    /// A slot was made: notes it if its value is new in a field that had few and long had no other.
    mutating func noteFresh(slot number: Int, bucket: Int64) {
        let slot = slots[number]
        let field = fields[dimensions[Int(slot.dimension)]]
        guard slot.measure == 0, field.role == .dimension, !Self.isPassing(field.name),
            fresh.count < Self.watchedAtOnce, Int(slot.service) < baseSlots[0].count
        else { return }
        let base = Int(baseSlots[0][Int(slot.service)])
        let learning = Int64(options.learningDays * 86_400) / options.bucketSeconds
        guard base >= 0, slots[base].firstBucket + learning <= bucket else { return }
        let first = Int(slot.service) * Self.codesPerService
        let table = partSlots[0][Int(slot.dimension)]
        var known = 0
        for place in first..<min(first + Self.codesPerService, table.count) where table[place] >= 0 {
            guard Int(table[place]) != number else { continue }
            known += 1
            if slots[Int(table[place])].firstBucket + Self.still > bucket { return }
        }
        if known >= 1 && known <= Self.few { fresh.append(Int32(number)) }
    }

    /// Once an hour: tells of the values that have come often enough, and forgets those that have not.
    mutating func tellFresh(bucket: Int64) {
        let waiting = fresh
        fresh.removeAll(keepingCapacity: true)
        for number in waiting {
            let slot = slots[Int(number)]
            if slot.rows >= Self.rowsToTell {
                report(freshSlot: Int(number), at: (bucket + 1) * bucketNanoseconds)
            } else if bucket - slot.firstBucket < Self.window {
                fresh.append(number)
            }
        }
    }

    private mutating func report(freshSlot number: Int, at time: Int64) {
        let slot = slots[number]
        let base = slots[Int(baseSlots[0][Int(slot.service)])]
        let series = base.valueSeries >= 0 ? base.valueSeries : base.rateSeries
        guard series >= 0 else { return }
        let field = fields[dimensions[Int(slot.dimension)]]
        let text = "\(field.name.string)=\(field.values.values[Int(slot.code)].string)"
        let onset = slot.firstBucket * bucketNanoseconds
        let member = Finding.Member(series: series, logDays: 0, onset: onset, direction: .up)
        var finding = Finding(
            number: nextFinding, group: .value, members: [member], change: .shift, onset: onset, detectedAt: time,
            lastAlarm: time, lastSeen: time)
        finding.observed = slot.rows
        tell(text, finding, service: slot.service)
    }

    /// Opens a finding of one text, or adds the text to one of its kind that is open: one deployment brings several.
    mutating func tell(_ text: String, _ told: Finding, service: UInt16) {
        if let member = told.members.first,
            let number = matchingFinding(told.group, service: service, at: told.detectedAt)
        {
            join(text, member, finding: number, at: told.detectedAt)
            return
        }
        if let member = told.members.first,
            let number = sameCause(as: member, group: told.group, service: service, at: told.detectedAt)
        {
            if told.group == .vanished, tellsOfWords(number, of: service) { return }
            adopt(number, by: member, told.group, told.change)
            findings[number]?.observed = told.observed
            join(text, member, finding: number, at: told.detectedAt)
            return
        }
        var finding = told
        finding.patterns = [text]
        finding.score = SeriesDetector.flagScore
        open(finding)
    }

    /// One more text, or one more service with it.
    mutating func join(_ text: String, _ member: Finding.Member, finding number: UInt64, at time: Int64) {
        guard var finding = findings[number] else { return }
        if !finding.patterns.contains(text) { finding.patterns.append(text) }
        if !finding.members.contains(where: { $0.series == member.series }) { finding.members.append(member) }
        finding.lastAlarm = time
        findings[number] = finding
        describe(number)
    }

    /// The new values of a finding as causes.
    func explainValues(_ finding: Finding, serviceField: String) -> [Deviation.Cause] {
        let service = slots[Int(watched[finding.main].slot)].service
        let place = Deviation.Cause(
            field: serviceField, value: services.values[Int(service)].string, change: 1, changeElsewhere: 1,
            evidence: 0, rows: finding.observed)
        return [place]
            + finding.patterns.prefix(7).map { text in
                let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                return Deviation.Cause(
                    field: parts[0], value: parts.count > 1 ? parts[1] : "", change: 1, changeElsewhere: 1,
                    evidence: 0, rows: finding.observed)
            }
    }
}
