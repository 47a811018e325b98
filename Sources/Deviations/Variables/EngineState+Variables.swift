import Bytes
import Records
import Statistics

/// Variables of messages: from the messages that are looked at anyway to series.
extension EngineState {
    /// Evaluations rest on so many numbers, or messages, at least; fewer wait for the next.
    private static let leastNumbers = 4.0
    private static let leastMessages = 8.0
    /// Messages with values beyond those known, from which a variable has not few values after all.
    private static let manyOthers: Float = 0.3
    private static let messagesToTell: Float = 60

    /// Takes in a message that has just been taken apart. `place`: of the open bucket that it lies in.
    mutating func watchVariables(_ message: RawSpan, _ codes: BatchCodes, row: Int, place: Int) {
        let ranges = templates.lastVariables
        guard !ranges.isEmpty else { return }
        let service = codes.services[row]
        let key = VariableWatch.key(service: service, staticHash: templates.lastStaticHash)
        let bucket = open[place].number
        switch variables.note(key, bucket: bucket) {
        case .pass: break
        case .count(let form): countVariables(message, ranges, form: form, place: place)
        case .begin:
            let sample = ByteString(message.slice(0, min(message.byteCount, TemplateWatch.sampleBytes)))
            variables.trials[key] = VariableTrial(sample, variables: ranges.count, bucket: bucket)
        case .trial:
            let known = known(codes, row: row)
            variables.trials[key]?.add(message, ranges, known: known, bucket: bucket)
            if let trial = variables.trials[key], trial.isOver(at: bucket) {
                settle(trial, key: key, service: service, bucket: bucket)
            }
        }
    }

    /// What the fields say that are watched themselves. O(fields).
    private func known(_ codes: BatchCodes, row: Int) -> [VariableTrial.Known] {
        var known: [VariableTrial.Known] = []
        for (measure, logs) in codes.values where !logs[row].isNaN {
            let name = fields[measures[measure - 1]].name
            known.append(VariableTrial.Known(field: name, text: .empty, number: exponential(logs[row])))
        }
        for (dimension, column) in codes.parts where column[row] != 0 {
            let field = fields[dimensions[dimension]]
            guard field.role == .level || field.role == .status else { continue }
            let text = field.values.values[Int(column[row])]
            known.append(VariableTrial.Known(field: field.name, text: text, number: .nan))
        }
        return known
    }

    private mutating func countVariables(_ message: RawSpan, _ ranges: [Range<UInt32>], form: Int, place: Int) {
        for number in variables.forms[form].places.indices {
            let variable = Int(variables.forms[form].places[number].variable)
            guard variable < ranges.count else { continue }
            let text = message.slice(Int(ranges[variable].lowerBound), ranges[variable].count)
            let slot = Int(variables.forms[form].places[number].slot)
            let kind = variables.forms[form].places[number].kind
            guard kind == .shares else {
                guard let value = NumberText.double(text) else { continue }
                open[place].add(VariablePlace.scaled(value, isFine: kind == .fineLevel), to: slot)
                continue
            }
            if let value = variables.forms[form].places[number].find(text) {
                open[place].add(0, to: slot)
                if value >= 0 { open[place].add(0, to: Int(value)) }
            } else {
                open[place].add(1, to: slot)
                variables.forms[form].places[number].note(text)
            }
        }
    }

    /// A trial is over: slots and series for what is worth watching, where there is room.
    private mutating func settle(_ trial: VariableTrial, key: UInt64, service: UInt16, bucket: Int64) {
        let verdicts = trial.verdicts()
        guard !verdicts.isEmpty, let field = fieldNumber(Self.templateField, role: .template),
            fields[field].position >= 0
        else { return variables.drop(key, isFinal: true, bucket: bucket) }
        let perBucket = Double(trial.count) / Double(max(trial.last - trial.first, 1))
        let wanted = verdicts.reduce(0) { $0 + 1 + $1.values.count }
        guard makeRoom(forForm: service, weight: perBucket, series: wanted, bucket: bucket) else {
            return variables.drop(key, isFinal: false, bucket: bucket)
        }
        let stride = perBucket >= 2 ? 1 : 2
        func fresh() -> Slot {
            var slot = Slot(
                measure: Slot.variableMeasure, dimension: Int16(fields[field].position), service: service, code: 0,
                firstBucket: bucket)
            slot.stride = Self.strides[stride]
            return slot
        }
        var places: [VariablePlace] = []
        for verdict in verdicts {
            guard let slot = add(fresh(), verdict.kind.quantity, at: stride) else { break }
            var made = VariablePlace(kind: verdict.kind, variable: UInt8(verdict.variable), slot: slot)
            for text in verdict.values {
                let child = verdict.values.count > 1 ? add(fresh(), .share, at: nil) : nil
                made.values.append(
                    VariablePlace.Value(text: text, hash: hash64(text.bytes.rawSpan), slot: child ?? -1))
            }
            places.append(made)
        }
        guard !places.isEmpty else { return variables.drop(key, isFinal: false, bucket: bucket) }
        _ = variables.insert(
            VariableForm(
                key: key, service: service, sample: trial.sample, places: places, first: bucket, last: bucket))
    }

    /// A slot with its series; nil past the limits. `stride`: nil for one that is evaluated with another.
    private mutating func add(_ slot: Slot, _ quantity: WatchedSeries.Quantity, at stride: Int?) -> Int32? {
        guard partRoom >= 1, let number = place(slot) else { return nil }
        slots[number].valueSeries = watch(number, quantity)
        if let stride { due[stride].append(Int32(number)) }
        return Int32(number)
    }

    /// Whether so many series more may be those of variables; lighter forms give way. O(forms).
    private mutating func makeRoom(forForm service: UInt16, weight: Double, series: Int, bucket: Int64) -> Bool {
        let most = options.maximumSeries / VariableWatch.shareOfSeries
        while true {
            let peers = variables.forms.indices.filter {
                !variables.forms[$0].isVacant && variables.forms[$0].service == service
            }
            let isServiceFull = peers.count >= VariableWatch.formsPerService
            guard isServiceFull || variableSeries + series > most else { return true }
            let rivals =
                isServiceFull ? peers : variables.forms.indices.filter { !variables.forms[$0].isVacant }
            func weightOf(_ form: Int) -> Double { variables.forms[form].weight(at: bucket) }
            guard let lightest = rivals.min(by: { (weightOf($0), $0) < (weightOf($1), $1) }),
                2 * weightOf(lightest) < weight
            else { return false }
            let before = variableSeries
            counters.seriesReplaced += UInt64(variables.forms[lightest].places.reduce(0) { $0 + $1.slots.count })
            retire(variables: variables.remove(form: lightest))
            guard variables.forms[lightest].isVacant, isServiceFull || variableSeries < before else { return false }
        }
    }

    /// Once an hour: gives up forms that come no more, and variables that turned out to have many values. O(forms).
    mutating func tendVariables(bucket: Int64) {
        let learning = Int64(options.learningDays * 86_400) / options.bucketSeconds
        for form in variables.forms.indices where !variables.forms[form].isVacant {
            if bucket - variables.forms[form].last > VariableWatch.gone {
                retire(variables: variables.remove(form: form))
                continue
            }
            guard bucket - variables.forms[form].first <= learning else { continue }
            for place in variables.forms[form].places.indices.reversed() {
                let watched = variables.forms[form].places[place]
                guard watched.seen >= Self.messagesToTell, watched.others > Self.manyOthers * watched.seen else {
                    continue
                }
                retire(variables: variables.remove(place: place, of: form))
            }
        }
        retire(variables: [])
        variables.prune(bucket: bucket)
    }

    /// Feeds the series of a variable with what has been counted, once that is enough.
    mutating func evaluateVariable(_ index: Int, time: Int64) {
        guard let owner = variables.owners[Int32(index)] else { return }
        let count = slots[index].count
        let (form, place) = (Int(owner.form), Int(owner.place))
        let series = Int(slots[index].valueSeries)
        guard variables.forms[form].places[place].kind == .shares else {
            guard count >= Self.leastNumbers, series >= 0 else { return }
            slots[index].learnWithin()
            let slot = slots[index]
            slots[index].clear()
            return step(
                series, time: time, value: slot.sum / count, weight: count, sampling: slot.within / Float(count))
        }
        guard count >= Self.leastMessages else { return }
        let others = slots[index].sum
        slots[index].clear()
        stepShare(series, hits: others, of: count, time: time)
        for value in variables.forms[form].places[place].values where value.slot >= 0 {
            let child = Int(value.slot)
            stepShare(Int(slots[child].valueSeries), hits: slots[child].count, of: count, time: time)
            slots[child].clear()
        }
        variables.forms[form].places[place].seen += Float(count)
        variables.forms[form].places[place].others += Float(others)
        variables.forms[form].places[place].decay()
    }

    private mutating func stepShare(_ series: Int, hits: Double, of total: Double, time: Int64) {
        guard series >= 0 else { return }
        step(
            series, time: time, value: stabilizedShare(hits: hits, total: total), weight: total,
            sampling: Float(1 / (4 * total + 2)))
    }
}

extension VariablePlace.Kind {
    var quantity: WatchedSeries.Quantity {
        switch self {
        case .level: .level
        case .fineLevel: .fineLevel
        case .shares: .share
        }
    }
}

extension VariablePlace {
    /// The slot of a value that is known, −1 where it has none; nil for another. O(values).
    func find(_ text: RawSpan) -> Int32? {
        let hash = hash64(text)
        return values.first { $0.hash == hash }?.slot
    }
}
