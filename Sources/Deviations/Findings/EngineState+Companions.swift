import Bytes
import Statistics

/// What came with a change without being where it lies: values that became more frequent, services that failed in the
/// same requests.
extension EngineState {
    /// How a value's share of a field's records in one service changed.
    private struct ShareChange {
        var dimension: Int
        var service: Int
        var code: Int
        var before: Double
        var after: Double
        var rows: Double
        var gSquared: Double
    }

    private static let leastRatio = 1.6
    private static let leastGSquared = 16.0

    /// The codes of a dimension whose own share of the service's records changed with the onset. A change that is
    /// concentrated in them is no more explained by them than a fire by its smoke. O(values).
    func companionCodes(dimension: Int, service: Int, since onset: Int64) -> Set<Int> {
        Set(shareChanges(dimension: dimension, service: service, since: onset).map(\.code))
    }

    private func shareChanges(dimension: Int, service: Int, since onset: Int64) -> [ShareChange] {
        let table = partSlots[0][dimension]
        var parts: [(code: Int, before: Double, after: Double)] = []
        for code in 1..<Self.codesPerService {
            let place = service * Self.codesPerService + code
            guard place < table.count, table[place] >= 0 else { continue }
            let slot = slots[Int(table[place])]
            guard slot.valueSeries >= 0 else { continue }
            let after = steps(Int(slot.valueSeries)).reduce(0) {
                $1.time >= onset ? $0 + Double($1.weight) : $0
            }
            // All records of the past, of which those since the onset are a small part.
            parts.append((code, max(slot.rows - after, 0), after))
        }
        let all = parts.reduce((before: 0.0, after: 0.0)) { ($0.before + $1.before, $0.after + $1.after) }
        guard all.before >= 50, all.after >= 20 else { return [] }
        return parts.compactMap { part in
            let before = (part.before + 0.5) / all.before
            let after = (part.after + 0.5) / all.after
            let gSquared = LikelihoodRatio.gSquared(
                hitsBefore: part.before, totalBefore: all.before, hitsAfter: part.after, totalAfter: all.after)
            guard max(before, after) >= Self.leastRatio * min(before, after), gSquared >= Self.leastGSquared else {
                return nil
            }
            return ShareChange(
                dimension: dimension, service: service, code: part.code, before: before, after: after,
                rows: part.after, gSquared: gSquared)
        }
    }

    /// The values of any service that became more frequent with a finding's onset, the two clearest. O(series).
    func companions(of finding: Finding) -> [Deviation.Cause] {
        guard finding.group == .latency || finding.group == .amount else { return [] }
        var changes: [ShareChange] = []
        for dimension in dimensions.indices where fields[dimensions[dimension]].role == .dimension {
            for service in 0...services.count {
                changes += shareChanges(dimension: dimension, service: service, since: finding.onset)
                    .filter { $0.after > $0.before }
            }
        }
        return changes.sorted { $0.gSquared > $1.gSquared }.prefix(2).map { one in
            let field = fields[dimensions[one.dimension]]
            return Deviation.Cause(
                field: field.name.string, value: field.values.values[one.code].string, change: one.after / one.before,
                changeElsewhere: 1, evidence: one.gSquared.squareRoot(), rows: one.rows,
                service: services.values[one.service].string, role: .companion)
        }
    }

    /// Services with errors in the same requests as one service, told by shared trace IDs among the kept errors: how
    /// many of its requests each shares, and in how many of these it failed first. O(errors kept).
    func errorsShared(with service: Int, since onset: Int64) -> [(service: Int, shared: Int, first: Int)] {
        var firstError: [ByteString: [Int: Int64]] = [:]
        for row in errorSamples.rows where row.time >= onset && !row.trace.isEmpty {
            let known = firstError[row.trace]?[Int(row.service)] ?? .max
            firstError[row.trace, default: [:]][Int(row.service)] = min(known, row.time)
        }
        var shared: [Int: (shared: Int, first: Int)] = [:]
        for times in firstError.values {
            guard let own = times[service] else { continue }
            for (other, time) in times where other != service {
                shared[other, default: (0, 0)].shared += 1
                if time < own { shared[other, default: (0, 0)].first += 1 }
            }
        }
        return shared.map { ($0.key, $0.value.shared, $0.value.first) }
            .sorted { ($0.shared, $1.service) > ($1.shared, $0.service) }
    }
}
