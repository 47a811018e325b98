import Bytes
import Statistics

extension EngineState {
    /// One series has left its baseline: part of an open finding, or a new one.
    mutating func report(_ series: Int, _ outcome: Outcome, score: Double, time: Int64) {
        let slot = slots[Int(watched[series].slot)]
        let now = time + Int64(slot.stride) * bucketNanoseconds
        let onset = watched[series].detector.onset(of: outcome)
        let quantity = watched[series].quantity
        guard quantity != .errorShare || isBackedByErrors(series, since: onset),
            !quantity.isVariable || isLarge(series, since: onset)
        else { return }
        let group = group(of: series)
        let member = Finding.Member(
            series: Int32(series), logDays: outcome.verdict.logDays, onset: onset,
            direction: outcome.verdict.isUp ? .up : .down)
        if let number = matchingFinding(group, service: slot.service, at: now) {
            join(member, finding: number, score: score, at: now)
            return
        }
        if let number = sameCause(as: member, group: group, service: slot.service, at: now) {
            if quantity.isVariable ? isOfForms(number) : !isForm(slot) {
                adopt(number, by: member, group, outcome.verdict.kind)
            }
            join(member, finding: number, score: score, at: now)
            return
        }
        var finding = Finding(
            number: nextFinding, group: group, members: [member], change: outcome.verdict.kind, onset: onset,
            detectedAt: now, lastAlarm: now, lastSeen: now)
        finding.score = score
        open(finding)
    }

    private func group(of series: Int) -> Finding.Group {
        switch watched[series].quantity {
        case .records: return .traffic
        case .errorShare: return .errors
        case .duration: return .latency
        case .amount: return .amount
        case .p95, .p99:
            let measure = Int(slots[Int(watched[series].slot)].measure)
            return fields[measures[measure - 1]].role == .amount ? .amount : .latency
        case .level, .fineLevel, .share: return .variables
        }
    }

    /// Takes a new finding, whose number is the next, into the list.
    mutating func open(_ new: Finding) {
        var finding = new
        finding.points = steps(new.main).map { point($0, series: new.main) }
        nextFinding += 1
        counters.findings += 1
        findings[new.number] = finding
        findingOrder.append(new.number)
        openFindings.append(new.number)
        for member in new.members { watched[Int(member.series)].finding = new.number }
        describe(new.number)
        forgetOldest()
    }

    /// Whether enough errors came since the onset to speak of a share: at least eight, and five standard deviations
    /// more than expected. One failed request logs in each service it passed, so that single errors come in threes.
    private func isBackedByErrors(_ series: Int, since onset: Int64) -> Bool {
        let source = watched[series]
        var errors = 0.0
        var expected = 0.0
        for step in steps(series) where step.time >= onset {
            errors += source.display(Double(step.observed)) * Double(step.weight)
            expected += source.display(Double(step.expected)) * Double(step.weight)
        }
        return errors >= 8 && errors - expected >= 5 * (expected + 1).squareRoot()
    }

    /// The open finding that this is more of: the same kind of change, close in time; traffic anywhere, others in the
    /// same service within a day or in another within half a day.
    func matchingFinding(_ group: Finding.Group, service: UInt16, at now: Int64) -> UInt64? {
        let hour: Int64 = 3_600_000_000_000
        return openFindings.last { number in
            guard let finding = findings[number], finding.group == group else { return false }
            let pause = now - finding.lastAlarm
            let isSameService = finding.members.contains {
                slots[Int(watched[Int($0.series)].slot)].service == service
            }
            return pause <= (isSameService ? 24 : 12) * hour
        }
    }

    private mutating func join(_ member: Finding.Member, finding number: UInt64, score: Double, at now: Int64) {
        guard var finding = findings[number] else { return }
        if let known = finding.members.firstIndex(where: { $0.series == member.series }) {
            finding.members[known].logDays = max(finding.members[known].logDays, member.logDays)
        } else {
            finding.members.append(member)
        }
        finding.lastAlarm = now
        finding.score = max(finding.score, score)
        let before = finding.main
        // The one that is drawn changes only for a clearly stronger one.
        let drawable = finding.members.indices.filter { isDrawable(finding.members[$0], of: finding.group) }
        if let best = drawable.max(by: { finding.members[$0].logDays < finding.members[$1].logDays }),
            finding.members[best].logDays > finding.members[0].logDays + 3
        {
            finding.members.swapAt(0, best)
        }
        if finding.main != before {
            finding.points = steps(finding.main).map { point($0, series: finding.main) }
        }
        watched[Int(member.series)].finding = number
        findings[number] = finding
        describe(number)
    }

    func point(_ step: WatchedSeries.Step, series: Int) -> Deviation.Point {
        let source = watched[series]
        return Deviation.Point(
            time: step.time, observed: source.display(Double(step.observed)),
            expectedLow: source.display(Double(step.low)), expectedHigh: source.display(Double(step.high)))
    }

    /// After each bucket: charts grow, causes are weighed anew every hour, what is over is resolved.
    mutating func refreshFindings(bucketEnd: Int64) {
        let hour: Int64 = 3_600_000_000_000
        for number in openFindings {
            guard var finding = findings[number] else { continue }
            if let step = watched[finding.main].lastStep, step.time > (finding.points.last?.time ?? .min) {
                finding.points.append(point(step, series: finding.main))
                if finding.points.count > EngineLimits.pointsPerFinding { finding.points.removeFirst() }
            }
            let lasts = finding.members.contains { watched[Int($0.series)].detector.isOpen }
            if lasts { finding.lastSeen = bucketEnd }
            let isOver = !lasts && bucketEnd - finding.lastAlarm > hour
            if isOver {
                finding.resolvedAt = bucketEnd
                for member in finding.members { watched[Int(member.series)].finding = 0 }
            }
            findings[number] = finding
            let isWeighedAnew = bucketEnd % hour == 0 && bucketEnd - finding.onset < 36 * hour
            if isOver || isWeighedAnew { describe(number) }
        }
        openFindings.removeAll { findings[$0]?.resolvedAt != nil }
    }

    /// Brings observed, expected, causes and samples up to date, and marks the finding as changed.
    mutating func describe(_ number: UInt64) {
        guard var finding = findings[number] else { return }
        let isYoung = finding.lastSeen - finding.detectedAt < 12 * 3_600_000_000_000
        if isYoung, !finding.group.isOfTexts, let onset = onset(of: finding) { finding.onset = onset }
        if !finding.group.isOfTexts { measure(&finding) }
        if finding.group == .variables { nameVariable(&finding) }
        let causes = explain(finding)
        if !causes.isEmpty || finding.causes.isEmpty { finding.causes = causes }
        let samples = samples(for: finding)
        if !samples.isEmpty { finding.samples = samples }
        finding.revision += 1
        findings[number] = finding
        if !changed.contains(number) { changed.append(number) }
    }

    /// Observed against expected since the onset, of the main series.
    private func measure(_ finding: inout Finding) {
        let series = watched[finding.main]
        let steps = self.steps(finding.main)
        var since = steps.filter { $0.time >= finding.onset }
        if since.isEmpty { since = Array(steps.suffix(1)) }
        guard !since.isEmpty else { return }
        let isCount = series.quantity == .records
        let weight = since.reduce(0) { $0 + Double(isCount ? 1 : $1.weight) }
        guard weight > 0 else { return }
        func mean(_ value: (WatchedSeries.Step) -> Float) -> Double {
            since.reduce(0) { $0 + Double(value($1)) * Double(isCount ? 1 : $1.weight) } / weight
        }
        let expected = mean(\.expected)
        finding.observed = series.display(mean(\.observed))
        finding.expected = series.display(expected)
        // Of the mean, which is what is compared: neighbouring evaluations say much the same, four count as one.
        let narrower = max(Double(since.count) / 4, 1).squareRoot()
        finding.expectedLow = series.display(expected + (mean(\.low) - expected) / narrower)
        finding.expectedHigh = series.display(expected + (mean(\.high) - expected) / narrower)
    }

    private mutating func forgetOldest() {
        while findingOrder.count > EngineLimits.findings {
            guard let place = findingOrder.firstIndex(where: { findings[$0]?.resolvedAt != nil }) else { return }
            findings[findingOrder[place]] = nil
            findingOrder.remove(at: place)
        }
    }

    private static func unit(of field: Field) -> String {
        field.role == .amount
            ? FieldRole.unit(ofAmount: field.name.string) : FieldRole.unit(ofDuration: field.name.string)
    }

    /// What a finding of new messages or values is of.
    private func named(_ finding: Finding, service: String) -> SeriesLabel {
        guard finding.group == .value else {
            let measure = finding.group == .pattern ? "new error message" : "vanished message"
            return SeriesLabel(measure: measure, service: service, field: "_msg", value: finding.patterns.first)
        }
        let parts = (finding.patterns.first ?? "").split(separator: "=", maxSplits: 1).map(String.init)
        return SeriesLabel(
            measure: "new value", service: service, field: parts.first, value: parts.count > 1 ? parts[1] : "")
    }

    /// A finding as others see it.
    func deviation(_ finding: Finding) -> Deviation {
        let main = watched[finding.main]
        let slot = slots[Int(main.slot)]
        let kind: Deviation.Kind =
            switch finding.group {
            case .traffic: finding.change == .silence ? .silence : .traffic
            case .errors: .errors
            case .latency: .latency
            case .amount: .amount
            case .pattern: .pattern
            case .value: .value
            case .vanished: .silence
            case .variables: .variable
            }
        let minutes = Int64(slot.stride) * options.bucketSeconds / 60
        let unit =
            switch main.quantity {
            case .records: "records/\(minutes)m"
            case .errorShare: "share of records"
            case .share: "share of messages"
            case .level, .fineLevel: ""
            case .duration: FieldRole.unit(ofDuration: fields[measures[Int(slot.measure) - 1]].name.string)
            case .amount, .p95, .p99: Self.unit(of: fields[measures[Int(slot.measure) - 1]])
            }
        let isPattern = finding.group.isOfTexts
        let named = named(finding, service: services.values[Int(slot.service)].string)
        return Deviation(
            id: finding.id, kind: kind,
            series: isPattern ? named : finding.group == .variables ? variableLabel(of: finding) : label(finding.main),
            related: finding.members.map { label(Int($0.series)) }, direction: finding.direction,
            change: finding.change, onset: finding.onset, detectedAt: finding.detectedAt, lastSeen: finding.lastSeen,
            resolvedAt: finding.resolvedAt, observed: finding.observed, expected: finding.expected,
            expectedLow: finding.expectedLow, expectedHigh: finding.expectedHigh,
            unit: isPattern ? "records" : unit, score: finding.score,
            logDays: Double(finding.members[0].logDays), causes: finding.causes, samples: finding.samples,
            points: finding.points, revision: finding.revision, feedback: finding.feedback)
    }
}
