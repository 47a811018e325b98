import Bytes
import Statistics

/// Puts what was found into words.
struct ExplanationWriter {
    let rows: WindowRows
    let ranking: RootRanking
    let concentrations: Concentrations

    private static let causes = 3
    private static let reasons = 6
    private static let suspects = 20

    func explanation() -> Explanation {
        let suspects = ranking.suspects.filter { $0.score > 0 }.prefix(Self.suspects)
        let total = suspects.reduce(0) { $0 + $1.score }
        let before = rows.rows.count { !$0.isAfter }
        return Explanation(
            window: rows.window, baseline: rows.baseline, records: rows.rows.count - before, baselineRecords: before,
            sampledShare: 1 / Double(1 << rows.halvings),
            causes: suspects.prefix(Self.causes).map { cause($0, of: total) },
            suspects: suspects.map { one in
                Explanation.Suspect(
                    service: name(one.service), score: one.score, slowness: one.slowness.squareRoot(),
                    errors: max(one.errors, 0.5 * one.logs).squareRoot(), missingCalls: one.missing.squareRoot(),
                    messages: one.odd.squareRoot(), amounts: one.amounts.squareRoot())
            }, changes: changes())
    }

    private func name(_ service: UInt16) -> String { rows.services.texts[Int(service)].string }

    // MARK: causes

    private func cause(_ suspect: RootRanking.Suspect, of total: Double) -> Explanation.Cause {
        var reasons: [(strength: Double, text: String)] = []
        reasons += timeReasons(suspect.service)
        reasons += errorReasons(suspect.service)
        reasons += callReasons(suspect.service)
        reasons += messageReasons(suspect.service)
        let own = concentrations.found.first { $0.service == suspect.service && !$0.items.isEmpty }
        var items = [Explanation.Item(field: rows.serviceField, value: name(suspect.service))]
        if let own {
            items += own.items.map(rows.item)
            reasons.append((own.statistic / 2, text(own)))
            reasons += linked(own).map { (own.statistic / 4, $0) }
        }
        if let amount = concentrations.found.first(where: { $0.service == suspect.service && isAmount($0) }),
            amount.items != own?.items
        {
            reasons.append((amount.statistic / 2, text(amount)))
        }
        let samples = samples(suspect.service, own)
        var seen: Set<String> = []
        return Explanation.Cause(
            items: items, weight: total > 0 ? suspect.score / total : 0,
            reasons: reasons.sorted { $0.strength > $1.strength }.prefix(Self.reasons).map(\.text), samples: samples,
            traceIDs: (samples.map(\.traceID) + traces(suspect.service)).filter {
                !$0.isEmpty && seen.insert($0).inserted
            })
    }

    private func isAmount(_ one: Concentrations.Found) -> Bool {
        one.measure >= 0 && !one.isDuration && one.statistic > 40 && abs(one.after - one.before) > 0.1
    }

    private func timeReasons(_ service: UInt16) -> [(Double, String)] {
        var reasons: [(Double, String)] = []
        for cell in ranking.cells
        where cell.slowness > 5
            && (cell.service == service || cell.callees.contains(service) || cell.missing.contains(service))
        {
            let numbers = "\(short(cell.before)) → \(short(cell.after)) ms over \(Int(cell.count)) spans"
            let operation = rows.operations.texts[Int(cell.operation)].string
            if cell.service == service {
                reasons.append((cell.slowness, "own time of \(operation) \(numbers)"))
            } else {
                reasons.append((0.5 * cell.slowness, "\(name(cell.service)) waits for it in \(operation): \(numbers)"))
            }
        }
        return Array(reasons.sorted { $0.0 > $1.0 }.prefix(2))
    }

    private func errorReasons(_ service: UInt16) -> [(Double, String)] {
        let failing = ranking.cells.filter { $0.service == service && $0.errors > 3 && $0.count >= 5 }
        return failing.sorted { $0.errors > $1.errors }.prefix(2).map {
            cell in
            (
                cell.errors,
                "errors begin in \(rows.operations.texts[Int(cell.operation)].string): "
                    + "\(percent(cell.errorShareBefore)) → \(percent(cell.errorShare)) of \(Int(cell.count)) spans"
            )
        }
    }

    private func callReasons(_ service: UInt16) -> [(Double, String)] {
        var reasons: [(Double, String)] = []
        for edge in ranking.edges where edge.caller == service || edge.callee == service {
            guard edge.callersBefore >= 20, edge.callersAfter >= 8 else { continue }
            let before = edge.callsBefore / edge.callersBefore
            let after = edge.callsAfter / edge.callersAfter
            guard before > 0.05, after < 0.7 * before else { continue }
            let strength = CallCell.binomial(
                hits: edge.callsAfter, of: edge.callersAfter,
                usual: min((edge.callsBefore + 0.5) / (edge.callersBefore + 1), 0.999))
            guard strength > 5 else { continue }
            reasons.append(
                (
                    CallCell.effective(strength),
                    "\(name(edge.caller)) calls \(name(edge.callee)) in \(percent(after)) of "
                        + "\(rows.operations.texts[Int(edge.operation)].string), before in \(percent(before))"
                ))
        }
        return Array(reasons.sorted { $0.0 > $1.0 }.prefix(2))
    }

    private func messageReasons(_ service: UInt16) -> [(Double, String)] {
        ranking.logs.filter { $0.service == service }.sorted { $0.evidence > $1.evidence }.prefix(2).map { log in
            let text = shortened(rows.text(ofForm: log.form).string)
            let kind = log.before == 0 ? "new message" : log.after == 0 ? "message no longer seen" : "message"
            return (
                CallCell.effective(log.evidence) * (1 - 0.9 * log.symptomatic),
                "\(kind) “\(text)”: \(Int(log.after)) times, \(Int(log.expected.rounded())) expected"
            )
        }
    }

    private func text(_ one: Concentrations.Found) -> String {
        let place = one.items.map { rows.item($0) }.map { "\($0.field)=\($0.value)" }.joined(separator: " and ")
        let within = place.isEmpty ? "" : " where \(place)"
        if one.measure < 0 {
            return "errors \(percent(one.before)) → \(percent(one.after)) of \(Int(one.records)) records\(within)"
        }
        let numbers = "\(short(exponential(one.before))) → \(short(exponential(one.after)))"
        return "\(rows.measures[one.measure].string) \(numbers)"
            + " over \(Int(one.records)) records\(within)"
    }

    // MARK: what else is told of the same requests

    /// Values in other records of the concentrated requests that are far more frequent than in all other requests.
    private func linked(_ one: Concentrations.Found) -> [String] {
        guard !one.items.isEmpty else { return [] }
        var struck: Set<UInt64> = []
        for index in rows.rows.indices where rows.rows[index].isAfter && rows.rows[index].service == one.service {
            let codes = rows.fieldCodes(index)
            if rows.rows[index].trace != 0, one.items.allSatisfy(codes.contains) {
                struck.insert(rows.rows[index].trace)
            }
        }
        guard struck.count >= 10 else { return [] }
        var counts: [Int: (struck: Double, other: Double)] = [:]
        var totals: [Int: (struck: Double, other: Double)] = [:]
        for index in rows.rows.indices where rows.rows[index].isAfter && rows.rows[index].trace != 0 {
            let isStruck = struck.contains(rows.rows[index].trace)
            for code in rows.fieldCodes(index)
            where rows.isOpen(code) && !one.items.contains(where: { rows.areOfOneField($0, code) }) {
                let field = rows.itemTable.items[code].field
                if isStruck {
                    counts[code, default: (0, 0)].struck += 1
                    totals[field, default: (0, 0)].struck += 1
                } else {
                    counts[code, default: (0, 0)].other += 1
                    totals[field, default: (0, 0)].other += 1
                }
            }
        }
        var links: [(strength: Double, text: String)] = []
        for (code, count) in counts.sorted(by: { $0.key < $1.key }) {
            guard let total = totals[rows.itemTable.items[code].field], total.struck >= 10, total.other >= 10 else {
                continue
            }
            let share = count.struck / total.struck
            let other = count.other / total.other
            let statistic = LikelihoodRatio.gSquared(
                hitsBefore: count.other, totalBefore: total.other, hitsAfter: count.struck, totalAfter: total.struck)
            guard share > 1.5 * other, share > 0.05, statistic > 30 else { continue }
            let item = rows.item(code)
            links.append(
                (
                    statistic,
                    "these requests have \(item.field)=\(item.value) in \(percent(share)), others in \(percent(other))"
                ))
        }
        return links.sorted { $0.strength > $1.strength }.prefix(3).map(\.text)
    }

    // MARK: samples

    /// Errors of the service first, then records of the values in which the change lies, then its latest.
    private func samples(_ service: UInt16, _ own: Concentrations.Found?) -> [Deviation.Sample] {
        let candidates = rows.messages.keys.filter { rows.rows[$0].service == service }.sorted()
        func rank(_ row: Int) -> Int {
            let isOf = own.map { one in one.items.allSatisfy(rows.fieldCodes(row).contains) } ?? false
            return (rows.rows[row].isError ? 0 : 2) + (isOf ? 0 : 1)
        }
        var forms: Set<UInt32> = []
        var chosen: [Int] = []
        for row in candidates.sorted(by: { (rank($0), $0) < (rank($1), $1) }) where chosen.count < 5 {
            if forms.insert(rows.rows[row].form).inserted { chosen.append(row) }
        }
        return chosen.map { row in
            Deviation.Sample(
                time: rows.rows[row].time, service: name(service), message: rows.messages[row]?.string ?? "",
                traceID: rows.traceTexts[rows.rows[row].trace]?.string ?? "")
        }
    }

    /// Requests in which the service took longest, or failed first.
    private func traces(_ service: UInt16) -> [String] {
        let own = ranking.forest.spans.filter { $0.isAfter && $0.service == service }
        let failed = own.filter(\.isOrigin).prefix(3)
        let slow = own.sorted { $0.own > $1.own }.prefix(3)
        return (failed + slow).compactMap { rows.traceTexts[rows.rows[Int($0.row)].trace]?.string }
    }

    // MARK: changes

    private func changes() -> [Explanation.Change] {
        let shares = ShareChanges(rows)
        var changes = shares.found.map { one in
            Explanation.Change(
                items: one.items.map(rows.item), measure: "", before: one.before / max(shares.totals.before, 1),
                after: one.after / max(shares.totals.after, 1), records: Int(one.after), statistic: one.gSquared)
        }
        for one in concentrations.found.prefix(10) where one.measure >= 0 && one.statistic > 40 {
            let service = Explanation.Item(field: rows.serviceField, value: name(one.service))
            changes.append(
                Explanation.Change(
                    items: [service] + one.items.map(rows.item), measure: rows.measures[one.measure].string,
                    before: exponential(one.before), after: exponential(one.after), records: Int(one.records),
                    statistic: one.statistic))
        }
        return Array(changes.sorted { $0.statistic > $1.statistic }.prefix(20))
    }

    // MARK: numbers in words

    private func shortened(_ text: String) -> String { text.count <= 120 ? text : String(text.prefix(119)) + "…" }

    private func percent(_ share: Double) -> String { short(share * 100) + " %" }

    /// Three digits.
    private func short(_ number: Double) -> String {
        guard number.isFinite, abs(number) < 1e15 else { return "\(number)" }
        let size = abs(number)
        if size >= 100 || size == 0 { return "\(Int(number.rounded()))" }
        let digits = size >= 10 ? 10.0 : size >= 1 ? 100.0 : 1_000.0
        return "\((number * digits).rounded() / digits)"
    }
}
