import Bytes
import Statistics

extension EngineState {
    /// How far a slot's records moved since an onset, against their baseline.
    private struct Effect {
        /// Mean of observed − expected in the detector's unit, weighted by records.
        var change: Double
        var expected: Double
        var rows: Double
        /// The variance of one record.
        var variance: Double
    }

    /// The fields and values in which a finding is concentrated, the service first. O(values of the service's fields).
    func explain(_ finding: Finding) -> [Deviation.Cause] {
        let forms = finding.patterns.prefix(3).map {
            Deviation.Cause(
                field: "_msg", value: $0, change: 1, changeElsewhere: 1, evidence: 0, rows: Double(PatternWatch.least))
        }
        switch finding.group {
        case .traffic: return explainTraffic(finding)
        case .errors: return Array((explainErrors(finding) + forms).prefix(8))
        case .latency, .amount: return Array((explainParts(finding) + forms).prefix(8)) + companions(of: finding)
        case .pattern:
            let service = Int(slots[Int(watched[finding.main].slot)].service)
            let root = firstToFail(before: service, since: finding.onset) ?? service
            let named = Deviation.Cause(
                field: serviceFieldName, value: services.values[root].string, change: 1, changeElsewhere: 1,
                evidence: 0, rows: finding.observed)
            return [named] + callers(of: root, since: finding.onset) + forms
        case .variables: return explainVariables(finding)
        case .value: return explainValues(finding, serviceField: serviceFieldName)
        case .vanished:
            let service = services.values[Int(slots[Int(watched[finding.main].slot)].service)].string
            return [
                Deviation.Cause(
                    field: serviceFieldName, value: service, change: 0, changeElsewhere: 1, evidence: 0,
                    rows: finding.observed)
            ] + forms
        }
    }

    /// Which services' traffic moved, the most first.
    private func explainTraffic(_ finding: Finding) -> [Deviation.Cause] {
        var causes: [Deviation.Cause] = []
        for service in 0..<baseSlots[0].count where baseSlots[0][service] >= 0 {
            let series = Int(slots[Int(baseSlots[0][service])].rateSeries)
            guard series >= 0 else { continue }
            let steps = self.steps(series).filter { $0.time >= finding.onset }
            let observed = steps.reduce(0) { $0 + Double($1.observed) }
            let expected = steps.reduce(0) { $0 + Double($1.expected) }
            guard expected > 0, observed + expected > 0 else { continue }
            let evidence = (observed - expected) / (observed + expected).squareRoot()
            let isAlongside = (observed > expected) == (finding.direction == .up)
            guard isAlongside, abs(evidence) >= 4 else { continue }
            causes.append(
                Deviation.Cause(
                    field: "service", value: services.values[service].string, change: observed / expected,
                    changeElsewhere: 1, evidence: abs(evidence), rows: observed))
        }
        if causes.isEmpty { return explainPart(finding) }
        return Array(causes.sorted { $0.evidence > $1.evidence }.prefix(3))
    }

    /// A level or status that came more or less often while whole services did not.
    private func explainPart(_ finding: Finding) -> [Deviation.Cause] {
        let slot = slots[Int(watched[finding.main].slot)]
        guard slot.dimension >= 0 else { return [] }
        let part = part(of: slot)
        let steps = self.steps(finding.main).filter { $0.time >= finding.onset }
        let observed = steps.reduce(0) { $0 + Double($1.observed) }
        let expected = max(steps.reduce(0) { $0 + Double($1.expected) }, 0.5)
        func cause(_ name: String, _ value: String) -> Deviation.Cause {
            Deviation.Cause(
                field: name, value: value, change: observed / expected, changeElsewhere: 1,
                evidence: abs(observed - expected) / (observed + expected).squareRoot(), rows: observed)
        }
        return [
            cause(serviceFieldName, services.values[Int(slot.service)].string),
            cause(part.field, part.value),
        ]
    }

    /// The service that failed first, those that fail in the same requests, then what its errors have in common.
    private func explainErrors(_ finding: Finding) -> [Deviation.Cause] {
        let service = Int(slots[Int(watched[finding.main].slot)].service)
        var causes = explainParts(finding)
        var leader = service
        if let root = firstToFail(before: service, since: finding.onset) {
            let other = explain(finding, measure: 0, service: root)
            if !other.isEmpty { (causes, leader) = (other, root) }
        }
        return causes.prefix(1) + callers(of: leader, since: finding.onset) + causes.dropFirst()
    }

    /// The service that failed before this one in nearly all requests that they share, whichever series spoke first.
    private func firstToFail(before service: Int, since onset: Int64) -> Int? {
        errorsShared(with: service, since: onset).first { $0.shared >= 3 && 5 * $0.first >= 4 * $0.shared }?.service
    }

    private func callers(of service: Int, since onset: Int64) -> [Deviation.Cause] {
        errorsShared(with: service, since: onset).prefix(2).filter { $0.shared >= 3 }.map { other in
            Deviation.Cause(
                field: serviceFieldName, value: services.values[other.service].string, change: 1, changeElsewhere: 1,
                evidence: Double(other.shared).squareRoot(), rows: Double(other.shared), role: .caller)
        }
    }

    /// The explanation of the main series; for durations that of another service if it is clearly stronger there: a
    /// caller's time contains that of the services it calls.
    private func explainParts(_ finding: Finding) -> [Deviation.Cause] {
        let main = slots[Int(watched[finding.main].slot)]
        var best = explain(finding, measure: Int(main.measure), service: Int(main.service))
        guard finding.group == .latency else { return best }
        for measure in baseSlots.indices.dropFirst() {
            for (service, slot) in baseSlots[measure].enumerated().prefix(Self.servicesCompared) where slot >= 0 {
                let other = explain(finding, measure: measure, service: service)
                if Self.evidence(other) > 1.2 * Self.evidence(best) { best = other }
            }
        }
        return best
    }

    /// Services whose explanations are compared, for a finding of durations.
    private static let servicesCompared = 64

    /// Of the strongest cause besides the service; half of the service's own where there is none.
    private static func evidence(_ causes: [Deviation.Cause]) -> Double {
        causes.dropFirst().map(\.evidence).max() ?? 0.5 * (causes.first?.evidence ?? 0)
    }

    /// The service, then the values of the dimension along which the change differs most, then further dimensions.
    private func explain(_ finding: Finding, measure: Int, service: Int) -> [Deviation.Cause] {
        let base = Int(baseSlots[measure][service])
        let isShare = measure == 0
        guard base >= 0, let whole = effect(slot: base, since: finding.onset) else { return [] }
        let change = ratio(whole, isShare: isShare)
        guard (change >= 1) == (finding.direction == .up) else { return [] }
        var causes = [
            Deviation.Cause(
                field: serviceFieldName, value: services.values[service].string, change: change, changeElsewhere: 1,
                evidence: abs(whole.change) / (whole.variance / max(whole.rows, 1)).squareRoot(), rows: whole.rows)
        ]
        var ranked: [(strength: Double, causes: [Deviation.Cause])] = []
        for dimension in dimensions.indices where fields[dimensions[dimension]].role != .level {
            let found = weigh(
                dimension: dimension, measure: measure, service: service, finding: finding, whole: whole)
            if !found.causes.isEmpty { ranked.append(found) }
        }
        ranked.sort { $0.strength > $1.strength }
        guard let strongest = ranked.first else { return causes }
        for (strength, found) in ranked where strength >= 0.4 * strongest.strength { causes += found.prefix(4) }
        return Array(causes.prefix(8))
    }

    var serviceFieldName: String {
        fields.first { $0.role == .service }?.name.string ?? "service"
    }

    /// How much the values of one dimension differ in their change (chi-squared over its degrees of freedom, as a
    /// normal score), and which of them stand out.
    private func weigh(
        dimension: Int, measure: Int, service: Int, finding: Finding, whole: Effect
    ) -> (strength: Double, causes: [Deviation.Cause]) {
        let field = fields[dimensions[dimension]]
        let table = partSlots[measure][dimension]
        var parts: [(code: Int, effect: Effect)] = []
        for code in 1..<Self.codesPerService {
            let place = service * Self.codesPerService + code
            guard place < table.count, table[place] >= 0 else { continue }
            if let part = effect(slot: Int(table[place]), since: finding.onset) { parts.append((code, part)) }
        }
        guard parts.count >= 2 else { return (0, []) }
        let companions = companionCodes(dimension: dimension, service: service, since: finding.onset)
        let rows = parts.reduce(0) { $0 + $1.effect.rows }
        let mean = parts.reduce(0) { $0 + $1.effect.rows * $1.effect.change } / rows
        let variance = max(parts.reduce(0) { $0 + $1.effect.rows * $1.effect.variance } / rows, 1e-9)
        let spread = parts.reduce(0) { $0 + $1.effect.rows * ($1.effect.change - mean) * ($1.effect.change - mean) }
        let freedom = Double(parts.count - 1)
        let strength = (spread / variance - freedom) / (2 * freedom).squareRoot()
        guard strength >= 4 else { return (strength, []) }
        let sign: Double = finding.direction == .up ? 1 : -1
        let greatest = parts.map { sign * $0.effect.change }.max() ?? 0
        // The rest is what did not move: parts that moved less than half as far as the one that moved most.
        let rest = parts.filter { sign * $0.effect.change < 0.5 * greatest }
        let restRows = max(rest.reduce(0) { $0 + $1.effect.rows }, 1)
        let restChange = rest.reduce(0) { $0 + $1.effect.rows * $1.effect.change } / restRows
        var causes: [Deviation.Cause] = []
        for (code, part) in parts where sign * part.change >= 0.5 * greatest && !companions.contains(code) {
            let error = (variance / part.rows + variance / restRows).squareRoot()
            let evidence = sign * (part.change - restChange) / error
            guard evidence >= 3 else { continue }
            causes.append(
                Deviation.Cause(
                    field: field.name.string, value: field.values.values[code].string,
                    change: ratio(part, isShare: measure == 0),
                    changeElsewhere: measure == 0 ? 1 : exponential(restChange), evidence: evidence, rows: part.rows))
        }
        causes.sort { $0.evidence > $1.evidence }
        return (strength, causes)
    }

    private func ratio(_ effect: Effect, isShare: Bool) -> Double {
        guard isShare else { return exponential(effect.change.clamped(to: -20...20)) }
        func share(_ angle: Double) -> Double {
            let sine = sineOf(angle.clamped(to: 0...1.570_796))
            return sine * sine
        }
        return share(effect.expected + effect.change) / max(share(effect.expected), 1e-6)
    }

    private func effect(slot: Int, since onset: Int64) -> Effect? {
        let series = Int(slots[slot].valueSeries)
        guard series >= 0 else { return nil }
        var rows = 0.0
        var change = 0.0
        var expected = 0.0
        for step in steps(series) where step.time >= onset {
            rows += Double(step.weight)
            change += Double(step.weight * (step.observed - step.expected))
            expected += Double(step.weight * step.expected)
        }
        guard rows >= 5 else { return nil }
        let variance = slots[slot].measure == 0 ? 0.25 : Double(max(slots[slot].within, 1e-6))
        return Effect(change: change / rows, expected: expected / rows, rows: rows, variance: variance)
    }

    /// Records that show the finding: of its service and causes, since its onset; errors, or the slowest, first.
    func samples(for finding: Finding) -> [Deviation.Sample] {
        let slot = slots[Int(watched[finding.main].slot)]
        // The service that is named as the cause, which need not be that of the main series.
        let named = finding.causes.first.map { ByteString($0.value) }
        let service = UInt16(services.values.firstIndex { $0 == named } ?? Int(slot.service))
        let measure = Int(slot.measure)
        let wanted = wantedCodes(finding)
        func matches(_ row: SampleRing.Row) -> Bool {
            guard row.time >= finding.onset, finding.group == .traffic || row.service == service else { return false }
            guard let wanted else { return true }
            return wanted.dimension < row.codes.count && wanted.codes.contains(row.codes[wanted.dimension])
        }
        var rows: [SampleRing.Row]
        switch finding.group {
        case .errors, .pattern: rows = errorSamples.rows.filter(matches)
        case .latency:
            rows = samples.rows.filter { matches($0) && measure < $0.values.count && !$0.values[measure].isNaN }
            rows.sort { $0.values[measure] > $1.values[measure] }
        case .amount:
            rows = samples.rows.filter { matches($0) && measure < $0.values.count && !$0.values[measure].isNaN }
            let isUp = finding.direction == .up
            rows.sort { isUp ? $0.values[measure] > $1.values[measure] : $0.values[measure] < $1.values[measure] }
        case .variables: rows = samplesOfVariables(finding)
        case .traffic, .value, .vanished: rows = samples.rows.filter(matches)
        }
        return rows.prefix(5).map {
            Deviation.Sample(
                time: $0.time, service: services.values[Int($0.service)].string, message: $0.message.string,
                traceID: $0.trace.string)
        }
    }

    /// The dimension and codes of the first cause that is not the service.
    private func wantedCodes(_ finding: Finding) -> (dimension: Int, codes: Set<UInt16>)? {
        guard finding.group != .traffic, finding.group != .pattern, finding.group != .vanished,
            finding.group != .variables,
            let first = finding.causes.first(where: {
                $0.field != serviceFieldName && $0.field != "_msg" && $0.role == .place
            }),
            let number = fieldNumbers[ByteString(first.field)], fields[number].position >= 0
        else { return nil }
        let values = Set(finding.causes.filter { $0.field == first.field }.map { ByteString($0.value) })
        let codes = fields[number].values.values.indices.filter { values.contains(fields[number].values.values[$0]) }
        return (fields[number].position, Set(codes.map { UInt16($0) }))
    }
}
