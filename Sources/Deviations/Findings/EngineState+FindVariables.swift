import Bytes
import Statistics
import Templates

/// Findings of the variables of messages: when one is worth a message, which other finding it is part of, and what is
/// said of it.
extension EngineState {
    /// How far a number's mean must have moved: on its scale, and in standard deviations of one number. Less is not
    /// worth a message, however sure it is: numbers that tell things apart grow as the things become more.
    private static let leastShift = 0.05
    private static let leastDeviations = 0.2
    /// The same for a share, as an angle: from 0 to 1 %, from a half to six tenths; and messages that it makes.
    private static let leastTurn = 0.1
    private static let leastHits = 8.0
    /// Nanoseconds between the onsets of what has one cause.
    private static let near: Int64 = 3 * 3_600_000_000_000

    /// Whether a variable has moved far enough since the onset.
    func isLarge(_ series: Int, since onset: Int64) -> Bool {
        let source = watched[series]
        var weight = 0.0
        var change = 0.0
        var hits = 0.0
        for step in steps(series) where step.time >= onset {
            weight += Double(step.weight)
            change += Double(step.weight * (step.observed - step.expected))
            let more = source.display(Double(step.observed)) - source.display(Double(step.expected))
            hits += Double(step.weight) * more
        }
        guard weight > 0 else { return false }
        let shift = abs(change) / weight
        if source.quantity == .share { return shift >= Self.leastTurn && abs(hits) >= Self.leastHits }
        let within = Double(slots[Int(source.slot)].within).squareRoot()
        return weight >= Self.leastHits && shift >= max(Self.leastShift, Self.leastDeviations * within)
    }

    /// Whether a slot counts a form of messages.
    func isForm(_ slot: Slot) -> Bool {
        slot.dimension >= 0 && !slot.isVariable && fields[dimensions[Int(slot.dimension)]].role == .template
    }

    /// Whether a member may be what its finding draws and dates: a variable only in a finding of variables.
    func isDrawable(_ member: Finding.Member, of group: Finding.Group) -> Bool {
        watched[Int(member.series)].quantity.isVariable == (group == .variables)
    }

    /// Whether a finding tells of nothing but forms of messages that came more or less often.
    func isOfForms(_ number: UInt64) -> Bool {
        guard let finding = findings[number], finding.group == .traffic else { return false }
        return finding.members.allSatisfy { isForm(slots[Int(watched[Int($0.series)].slot)]) }
    }

    /// The open finding, of variables or joined by one, that tells of the same change at about the same time: what
    /// messages say often repeats what fields of the service say, words that take turns are forms of their own, in
    /// whichever service, and one cause makes one finding.
    func sameCause(as member: Finding.Member, group: Finding.Group, service: UInt16, at now: Int64) -> UInt64? {
        let isForm = isForm(slots[Int(watched[Int(member.series)].slot)])
        return openFindings.last { number in
            guard let finding = findings[number], (finding.group == .variables) != (group == .variables) else {
                return false
            }
            let isSameService = finding.members.contains {
                slots[Int(watched[Int($0.series)].slot)].service == service
            }
            let isSoon = abs(finding.onset - member.onset) <= Self.near || now - finding.lastAlarm <= Self.near
            return isSoon && (isSameService || isForm || isOfForms(number))
        }
    }

    /// Whether a finding of variables tells already that a service writes one of its words no more.
    func tellsOfWords(_ number: UInt64, of service: UInt16) -> Bool {
        guard let finding = findings[number], finding.group == .variables else { return false }
        return finding.members.contains {
            let series = watched[Int($0.series)]
            return series.quantity == .share && slots[Int(series.slot)].service == service
        }
    }

    /// A finding of variables turns out to be one of what fields say and goes on as that; or one of forms of messages
    /// to be one of the words that tell them apart.
    mutating func adopt(
        _ number: UInt64, by member: Finding.Member, _ group: Finding.Group, _ change: Assessment.Kind
    ) {
        guard var finding = findings[number], finding.group == .variables || isOfForms(number) else { return }
        finding.group = group
        finding.change = change
        finding.members.removeAll { $0.series == member.series }
        finding.members.insert(member, at: 0)
        finding.points = steps(finding.main).map { point($0, series: finding.main) }
        finding.causes = []
        finding.patterns = []
        findings[number] = finding
        watched[Int(member.series)].finding = number
    }

    /// Form, place and value of a variable's series; nil where it is watched no more.
    private func variable(_ series: Int) -> (form: VariableForm, place: VariablePlace, value: String?)? {
        guard let owner = variables.owners[watched[series].slot] else { return nil }
        let form = variables.forms[Int(owner.form)]
        let place = form.places[Int(owner.place)]
        return (form, place, owner.value < 0 ? nil : place.values[Int(owner.value)].text.string)
    }

    /// `variable 2 (ratio)` of a message with `<2>`, or the share of a value there.
    func variableLabel(_ series: Int) -> SeriesLabel {
        let service = services.values[Int(slots[Int(watched[series].slot)].service)].string
        guard let (form, place, value) = variable(series) else {
            return SeriesLabel(measure: "variable", service: service, field: "_msg", value: "#\(series)")
        }
        let text = VariableText(form.sample)
        let number = Int(place.variable)
        let name = text.name(of: number)
        let measure = "variable \(number + 1)" + (name.isEmpty ? "" : " (\(name))")
        guard place.kind == .shares else {
            let marked = text.text(with: "<\(number + 1)>", at: number)
            return SeriesLabel(measure: measure, service: service, field: "_msg", value: marked)
        }
        let marked = text.text(with: value ?? "<other>", at: number)
        return SeriesLabel(measure: "share in " + measure, service: service, field: "_msg", value: marked)
    }

    /// Keeps the label of a finding's main series, for when its form is watched no more.
    func nameVariable(_ finding: inout Finding) {
        guard variable(finding.main) != nil else { return }
        let label = variableLabel(finding.main)
        finding.patterns = [label.measure, label.value ?? ""]
    }

    func variableLabel(of finding: Finding) -> SeriesLabel {
        var label = variableLabel(finding.main)
        if finding.patterns.count == 2 { (label.measure, label.value) = (finding.patterns[0], finding.patterns[1]) }
        return label
    }

    /// The service, then the messages with what stands in them now, the clearest change first.
    func explainVariables(_ finding: Finding) -> [Deviation.Cause] {
        let service = Int(slots[Int(watched[finding.main].slot)].service)
        var causes: [Deviation.Cause] = []
        for member in finding.members.prefix(12) {
            let series = Int(member.series)
            let label = variableLabel(series)
            let steps = self.steps(series).filter { $0.time >= finding.onset }
            let weight = steps.reduce(0) { $0 + Double($1.weight) }
            guard weight > 0, let value = label.value else { continue }
            let observed = steps.reduce(0) { $0 + Double($1.weight * $1.observed) } / weight
            let expected = steps.reduce(0) { $0 + Double($1.weight * $1.expected) } / weight
            let shown = (
                observed: watched[series].display(observed), expected: watched[series].display(expected)
            )
            let least = watched[series].quantity == .share ? 0.001 : 1e-6
            let change = shown.expected > least ? shown.observed / shown.expected : shown.observed / least
            for text in newcomers(series, orElse: value) {
                causes.append(
                    Deviation.Cause(
                        field: "_msg", value: text, change: change, changeElsewhere: 1,
                        evidence: Double(member.logDays), rows: weight,
                        service: self.services.values[Int(slots[Int(watched[series].slot)].service)].string))
            }
        }
        let place = Deviation.Cause(
            field: serviceFieldName, value: services.values[service].string, change: causes.first?.change ?? 1,
            changeElsewhere: 1, evidence: Double(finding.members[0].logDays), rows: causes.first?.rows ?? 0)
        return Array(([place] + causes).prefix(8))
    }

    /// The message with the values that came, for the series of values that have none of their own.
    private func newcomers(_ series: Int, orElse label: String) -> [String] {
        guard let (form, place, value) = variable(series), place.kind == .shares, value == nil else { return [label] }
        let named = place.newcomers.sorted { ($1.count, $0.text) < ($0.count, $1.text) }.prefix(2)
        guard !named.isEmpty else { return [label] }
        let text = VariableText(form.sample)
        return named.map { text.text(with: $0.text.string, at: Int(place.variable)) }
    }

    /// Kept records of the forms whose variables moved, the latest first.
    func samplesOfVariables(_ finding: Finding) -> [SampleRing.Row] {
        let keys = Set(finding.members.compactMap { variable(Int($0.series))?.form.key })
        var parts = MessageParts()
        let splitter = MessageSplitter()
        var rows: [SampleRing.Row] = []
        for row in (samples.rows + errorSamples.rows).sorted(by: { $0.time > $1.time })
        where row.time >= finding.onset {
            splitter.split(row.message.bytes.rawSpan, into: &parts)
            let key = VariableWatch.key(service: row.service, staticHash: parts.skeletonHash)
            guard keys.contains(key) else { continue }
            rows.append(row)
            if rows.count == 5 { return rows }
        }
        return rows
    }
}

extension Deviation {
    /// What moved from where to where, and in which messages.
    var variableTitle: String {
        func text(_ value: Double) -> String {
            if unit == "share of messages" { return "\(Int((value * 100).rounded())) %" }
            let digits: Double = abs(value) >= 100 ? 1 : abs(value) >= 1 ? 10 : 1_000
            let rounded = (value.clamped(to: -1e15...1e15) * digits).rounded() / digits
            return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
        }
        let change = "from \(text(expected)) to \(text(observed))"
        return "\(series.measure) of \(series.service) \(change) in “\(series.value ?? "")”"
    }
}
