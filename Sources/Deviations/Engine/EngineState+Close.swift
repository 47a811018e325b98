import Records
import Statistics

extension EngineState {
    /// Closes every bucket before `limit`, those without records too, oldest first.
    mutating func close(before limit: Int64) {
        while let first = open.first, first.number < limit {
            let bucket = open.removeFirst()
            fold(bucket)
            evaluate(bucket: bucket.number)
            rowsInLastBucket = bucket.rows
            spare.append(bucket)
            // Buckets in which nobody said anything: silence is to be seen, but a long pause is not replayed for days.
            let next = min(open.first?.number ?? limit, limit)
            var empty = bucket.number + 1
            let end = min(next, empty + Int64(EngineLimits.bucketsAhead))
            while empty < end {
                evaluate(bucket: empty)
                empty += 1
            }
        }
    }

    private mutating func fold(_ bucket: OpenBucket) {
        for slot in bucket.touched {
            let index = Int(slot)
            let sum = bucket.sums[index]
            slots[index].add(count: Double(sum.count), sum: Double(sum.sum), squares: Double(sum.squares))
        }
        foldTails(bucket)
    }

    /// Feeds every series that is due with what its slot has gathered, then looks after the findings.
    private mutating func evaluate(bucket: Int64) {
        counters.watermark = (bucket + 1) * bucketNanoseconds
        if (bucket + 1) % 6 == 0 { retireTemplates(at: counters.watermark) }
        for (place, stride) in Self.strides.enumerated() where (bucket + 1) % Int64(stride) == 0 {
            for slot in due[place] { evaluate(slot: Int(slot), bucket: bucket) }
        }
        if (bucket + 1) % 12 == 0 {
            settleAll(bucket: bucket)
            tellFresh(bucket: bucket)
            tellVanished(bucket: bucket)
            tendVariables(bucket: bucket)
        }
        if (bucket + 1) % 6 == 0 {
            weighSuspects()
            weighFamilies()
        }
        refreshFindings(bucketEnd: (bucket + 1) * bucketNanoseconds)
    }

    static let strides: [UInt8] = [1, 6, 12]

    private mutating func evaluate(slot index: Int, bucket: Int64) {
        let stride = Int64(slots[index].stride)
        let start = (bucket + 1 - stride) * bucketNanoseconds
        let slot = slots[index]
        if slot.isVariable { return evaluateVariable(index, time: start) }
        if slot.rateSeries >= 0 { step(Int(slot.rateSeries), time: start, value: slot.count, weight: 1, sampling: 0) }
        if slot.valueSeries >= 0 { evaluateValue(index, time: start) }
        evaluateTails(slot: index, time: start)
        slots[index].clear()
    }

    private mutating func evaluateValue(_ index: Int, time: Int64) {
        slots[index].learnWithin()
        let slot = slots[index]
        let series = Int(slot.valueSeries)
        if slot.measure == 0 {
            guard slot.count >= 3 else { return }
            let value = stabilizedShare(hits: slot.sum, total: slot.count)
            step(series, time: time, value: value, weight: slot.count, sampling: Float(1 / (4 * slot.count + 2)))
        } else {
            guard slot.count >= 2 else { return }
            step(
                series, time: time, value: slot.sum / slot.count, weight: slot.count,
                sampling: slot.within / Float(slot.count))
        }
    }

    /// One evaluation: the series' detector, its latest steps, and a report where it leaves its baseline.
    mutating func step(_ series: Int, time: Int64, value: Double, weight: Double, sampling: Float) {
        counters.updates += 1
        let bar = bar(for: series)
        let slot = Int(watched[series].slot)
        let tick = Int64(slots[slot].stride) * bucketNanoseconds
        let gap = Int(clamping: (time - max(watched[series].detector.lastTime, time - 512 * tick)) / tick)
        guard let outcome = watched[series].detector.step(time: time, value: value, sampling: sampling, bar: bar)
        else {
            watched[series].append(observed: value, residual: 0, reach: 0, weight: weight, gap: gap)
            return
        }
        watched[series].append(
            observed: value, residual: outcome.observed - outcome.usual, reach: outcome.reach, weight: weight, gap: gap)
        let verdict = outcome.verdict
        watched[series].logDays = verdict.logDays
        watched[series].isUp = verdict.isUp
        let isReportable = watched[series].reports(verdict.isUp ? .up : .down)
        watched[series].lasting = verdict.kind != .spike && isReportable ? verdict.logDays : -20
        guard verdict.isReported, isReportable else { return }
        report(series, outcome, score: watched[series].detector.score(of: verdict, bar: bar), time: time)
    }

    /// Once an hour decides for young slots how often they are looked at, and whether they are watched yet: breakdowns
    /// that hardly occur are not worth a detector.
    private mutating func settleAll(bucket: Int64) {
        makeRoom(bucket: bucket)
        let waiting = unsettled
        unsettled.removeAll(keepingCapacity: true)
        counters.seriesWaiting = 0
        for slot in waiting {
            guard isReady(slot: Int(slot), bucket: bucket) else {
                unsettled.append(slot)
                continue
            }
            if hasRoom(for: Int(slot)) {
                settle(slot: Int(slot), bucket: bucket)
            } else {
                counters.seriesWaiting += 1
                unsettled.append(slot)
            }
        }
    }

    private func hasRoom(for slot: Int) -> Bool {
        slots[slot].dimension < 0 ? options.maximumSeries - liveSeries >= 2 : partRoom >= 2
    }

    private mutating func settle(slot index: Int, bucket: Int64) {
        let slot = slots[index]
        let isBase = slot.dimension < 0
        // Errors are levels and statuses: of these only how often each comes is watched.
        let role = isBase ? .service : fields[dimensions[Int(slot.dimension)]].role
        let isLevelPart = role == .level || role == .status || role == .template
        let perBucket = slot.rows / Double(bucket - slot.firstBucket)
        let place = isBase && perBucket >= 6 ? 0 : perBucket >= 0.5 ? 1 : 2
        slots[index].stride = Self.strides[place]
        due[place].append(Int32(index))
        slots[index].clear()
        if slot.measure == 0 {
            if isBase || isLevelPart { slots[index].rateSeries = watch(index, .records) }
            if !isLevelPart { slots[index].valueSeries = watch(index, .errorShare) }
        } else {
            let isAmount = fields[measures[Int(slot.measure) - 1]].role == .amount
            slots[index].valueSeries = watch(index, isAmount ? .amount : .duration)
            settleTails(slot: index, perBucket: perBucket, mean: slot.count > 0 ? slot.sum / slot.count : 0)
        }
    }

    /// ln of how much rarer false alarms of a form of messages must be than those of other series: forms are many, are
    /// counted in one of eight records, and lose records to one another as more of them are seen.
    private static let templatePatience: Float = 3

    mutating func watch(_ slot: Int, _ quantity: WatchedSeries.Quantity) -> Int32 {
        var detector = SeriesDetector.Options()
        detector.learningDays = options.learningDays
        if quantity != .records { detector.axis = .asGiven }
        detector.countsRecords = quantity == .records
        let isPart = slots[slot].dimension >= 0
        var series = WatchedSeries(slot: Int32(slot), quantity: quantity, options: detector, isPart: isPart)
        if isPart, fields[dimensions[Int(slots[slot].dimension)]].role == .template {
            series.patience = Self.templatePatience
        }
        guard let number = place(series) else { return -1 }
        count(quantity, isPrimary: !isPart, change: 1)
        counters.series = liveSeries
        return Int32(number)
    }

    mutating func count(_ quantity: WatchedSeries.Quantity, isPrimary: Bool, change: Int) {
        if quantity.isVariable { variableSeries += change }
        if quantity.isTail || quantity.isVariable { return }
        if isPrimary { primarySeries += change } else if quantity.isMeasured { measuredParts += change }
    }

    /// e-BH (Wang and Ramdas, 2022): when k series are suspicious together, each needs but a k-th of the evidence that
    /// one alone would need for the same share of false findings. The relief is ln k, at most ln 8. O(series), once in
    /// half an hour.
    private mutating func weighSuspects() {
        let fleet = Double(max(liveSeries - variableSeries, 4))
        let base = Float(naturalLogarithm(2 * options.daysBetweenFalseFindings * fleet))
        var evidence: [Float] = []
        for series in watched where series.finding == 0 && series.logDays > base - 2.08 {
            if series.quantity.isVariable { continue }
            evidence.append(series.logDays)
        }
        evidence.sort(by: >)
        relief = 0
        for (index, strength) in evidence.prefix(8).enumerated() {
            let allowed = Float(naturalLogarithm(Double(index + 1)))
            if strength >= base - allowed { relief = allowed }
        }
    }

    /// The natural logarithm of the days between false alarms that a series must reach: the fleet's aim shared out, a
    /// third each to the services as a whole, to the durations and amounts of their parts, and to the counts and error
    /// shares of those; what variables of messages get besides is a twentieth of a third, by their patience.
    private func bar(for series: Int) -> Float {
        let quantity = watched[series].quantity
        let isPrimary = slots[Int(watched[series].slot)].dimension < 0 && !quantity.isTail
        let parts = liveSeries - primarySeries - variableSeries
        let peers =
            isPrimary
            ? primarySeries
            : quantity.isVariable ? variableSeries : quantity.isMeasured ? measuredParts : parts - measuredParts
        let days = 3 * options.daysBetweenFalseFindings * Double(max(peers, 4))
        let shared = quantity.isVariable ? 0 : max(relief, watched[series].familyRelief)
        return max(Float(naturalLogarithm(days)) - shared, 4) + watched[series].patience
    }
}
