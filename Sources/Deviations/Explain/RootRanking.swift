import Bytes
import Statistics

/// Ranks services by how likely each is the root of what changed in a window: from the time that their own work takes,
/// from where errors begin, from calls that are no longer made, and from what they log.
struct RootRanking {
    struct Suspect {
        var service: UInt16
        var score = 0.0
        var slowness = 0.0
        var errors = 0.0
        var missing = 0.0
        var logs = 0.0
        var odd = 0.0
        var amounts = 0.0
    }

    private(set) var suspects: [Suspect] = []
    let forest: SpanForest
    let cells: [CallCell]
    let edges: [CallEdge]
    let logs: [LogChange]

    /// `amounts`: evidence in the services' amounts, by service.
    init(_ rows: WindowRows, amounts: [UInt16: Double]) {
        forest = SpanForest(rows)
        (cells, edges) = CallCell.cells(of: forest)
        var origins: [UInt64: Set<UInt16>] = [:]
        for span in forest.spans where span.isAfter && span.isOrigin {
            origins[rows.rows[Int(span.row)].trace, default: []].insert(span.service)
        }
        logs = LogChange.changes(in: rows, forest, origins: origins)
        rank(rows, amounts)
    }

    private mutating func rank(_ rows: WindowRows, _ amounts: [UInt16: Double]) {
        let count = rows.services.texts.count
        let silent = silentServices(rows)
        let slow = Blame(slowWitnesses(silent), services: count)
        let spoken = logMasses(rows, services: count)
        let failed = Blame(errorWitnesses(silent, slow, spoken), services: count)
        let missing = Blame(missingWitnesses(silent), services: count)
        suspects = (1..<max(count, 1)).map { service in
            var suspect = Suspect(service: UInt16(service))
            suspect.slowness = slow.own[service] + slow.called[service]
            suspect.errors = failed.own[service] + failed.called[service]
            suspect.missing = missing.own[service] + missing.called[service]
            suspect.logs = spoken.errors[service]
            suspect.odd = spoken.odd[service]
            suspect.amounts = amounts[UInt16(service)] ?? 0
            suspect.score =
                suspect.slowness.squareRoot() + suspect.missing.squareRoot()
                + max(suspect.errors, 0.5 * suspect.logs).squareRoot() + suspect.odd.squareRoot()
                + suspect.amounts.squareRoot()
            return suspect
        }
        suspects.sort { ($0.score, $1.service) > ($1.score, $0.service) }
    }

    /// What all operations have in common, such as more load, is nobody's fault.
    private var commonShift: Double {
        let shifts = cells.filter { $0.count >= 8 }.map(\.shift).sorted()
        return shifts.isEmpty ? 0 : max(0, shifts[shifts.count / 2])
    }

    /// Services that wrote next to nothing any more.
    private func silentServices(_ rows: WindowRows) -> Set<UInt16> {
        var counts: [UInt16: (before: Double, after: Double)] = [:]
        for row in rows.rows where row.service != 0 {
            if row.isAfter {
                counts[row.service, default: (0, 0)].after += 1
            } else {
                counts[row.service, default: (0, 0)].before += 1
            }
        }
        return Set(counts.filter { $0.value.before >= 20 && $0.value.after < 0.02 * $0.value.before }.keys)
    }

    /// How likely it is, before anything is seen, that a call was not made because of the one that was to be called.
    private func absence(_ callees: [UInt16], _ silent: Set<UInt16>) -> [(service: Int, prior: Double)] {
        callees.map { (Int($0), silent.contains($0) ? 4 : 0.5) }
    }

    private func slowWitnesses(_ silent: Set<UInt16>) -> [Blame.Witness] {
        let common = commonShift
        return cells.map { cell in
            let share = cell.shift > common ? (cell.shift - common) / max(cell.shift, 1e-9) : 0
            let mass = cell.shift > 0.5 ? cell.slowness * share : cell.slowness * max(share, 0.7)
            return Blame.Witness(
                service: Int(cell.service),
                callees: cell.callees.map { (Int($0), 0.4) } + absence(cell.missing, silent),
                mass: max(0, mass - 3), weight: CallCell.effective(cell.count))
        }
    }

    /// A caller fails for a callee that is slow, or that has taken another way through its code.
    private func errorWitnesses(_ silent: Set<UInt16>, _ slow: Blame, _ spoken: LogMasses) -> [Blame.Witness] {
        let slowest = max(slow.own.max() ?? 0, 10)
        let oddest = max(spoken.odd.max() ?? 0, 10)
        return cells.map { cell in
            let callees = cell.callees.map { callee in
                (service: Int(callee), prior: 0.1 + slow.own[Int(callee)] / slowest + spoken.odd[Int(callee)] / oddest)
            }
            return Blame.Witness(
                service: Int(cell.service), callees: callees + absence(cell.missing, silent), mass: cell.errors,
                weight: CallCell.effective(cell.count))
        }
    }

    private func missingWitnesses(_ silent: Set<UInt16>) -> [Blame.Witness] {
        edges.compactMap { edge in
            guard edge.callersBefore >= 20, edge.callersAfter >= 8, edge.callsBefore >= 8 else { return nil }
            let usual = (edge.callsBefore + 0.5) / (edge.callersBefore + 1)
            let isLess = edge.callsAfter < usual * edge.callersAfter
            let weight = CallCell.effective(edge.callersAfter)
            let mass =
                isLess
                ? CallCell.binomial(hits: edge.callsAfter, of: edge.callersAfter, usual: usual) * weight
                    / edge.callersAfter - 3 : 0
            return Blame.Witness(
                service: Int(edge.caller), callees: absence([edge.callee], silent), mass: max(0, mass), weight: weight)
        }
    }

    /// Evidence in what services log, by service.
    struct LogMasses {
        /// Errors, and what others say of it.
        var errors: [Double]
        /// Other messages that came, or stayed away.
        var odd: [Double]
    }

    /// A message that names another service speaks of that one.
    private func logMasses(_ rows: WindowRows, services count: Int) -> LogMasses {
        var masses = LogMasses(errors: [Double](repeating: 0, count: count), odd: [Double](repeating: 0, count: count))
        var errors = [UInt16: [Double]]()
        var odd = [UInt16: [Double]]()
        let names = rows.services.texts.map { Self.words($0) }
        for log in logs {
            let mass = min(log.evidence, 150)
            guard log.isError else {
                // Where requests fail, what follows in them stays away.
                odd[log.service, default: []].append(mass * (log.isMore ? 1 - log.symptomatic : 0.7))
                continue
            }
            guard log.isMore else { continue }
            let text = Self.words(rows.text(ofForm: log.form))
            let named = names.indices.dropFirst().filter { $0 != Int(log.service) && Self.mentions(text, names[$0]) }
            let own = mass * (1 - 0.9 * log.symptomatic)
            if let other = named.max(by: { names[$0].count < names[$1].count }) {
                masses.errors[other] += 0.5 * own
                errors[log.service, default: []].append(0.15 * own)
            } else {
                errors[log.service, default: []].append(own)
            }
        }
        for (service, list) in errors { masses.errors[Int(service)] += list.sorted(by: >).prefix(3).reduce(0, +) }
        for (service, list) in odd { masses.odd[Int(service)] += list.sorted(by: >).prefix(3).reduce(0, +) }
        return masses
    }

    /// Lower-case words of letters and digits.
    static func words(_ text: ByteString) -> [String] {
        text.string.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "-" }.map(String.init)
    }

    private static func mentions(_ text: [String], _ name: [String]) -> Bool {
        guard let first = name.first, first.count >= 4 else { return false }
        return text.contains(first)
    }
}
