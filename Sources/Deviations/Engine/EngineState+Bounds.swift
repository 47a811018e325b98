/// What the limits leave out, and who makes room for whom.
///
/// Slots count the records of each value of a field; the ones with the most records get a detector. Where there is no
/// room for a detector, a series with less than half as many records gives up its own; where there is none for a slot,
/// the lightest without a detector goes: heavy hitters stay, whatever came first.
extension EngineState {
    /// Twice as many are counted as are watched.
    var maximumSlots: Int { 2 * options.maximumSeries }
    /// Share of the slots that is freed at once.
    private static let slotsFreed = 0.05
    /// Buckets without a record after which a series weighs nothing: three days.
    private static let silent: Int64 = 864
    /// Series that a slot has at most, quantiles apart.
    private static let seriesPerSlot = 2

    var liveSeries: Int { watched.count - freeSeries.count }
    /// Numbers of the series that are no empty places.
    var liveNumbers: [Int] { watched.indices.filter { !watched[$0].isVacant } }
    var liveSlots: Int { slots.count - freeSlots.count }

    /// Room for series of parts: a hundredth is left to whole services.
    var partRoom: Int { options.maximumSeries - options.maximumSeries / 100 - liveSeries }

    /// Whether a young slot has had the time and the records to be watched.
    func isReady(slot index: Int, bucket: Int64) -> Bool {
        let slot = slots[index]
        return bucket - slot.firstBucket >= 12 && (slot.dimension < 0 || slot.rows >= 100)
    }

    /// Once an hour: gives up light series for the heavy ones that wait. O(slots log slots), if any waits.
    mutating func makeRoom(bucket: Int64) {
        counters.fieldsClosed = fields.count { $0.isClosed }
        let candidates = unsettled.map { Int($0) }.filter { isReady(slot: $0, bucket: bucket) }
        let missing = candidates.count * Self.seriesPerSlot - partRoom
        if missing > 0 { replaceLight(by: candidates, bucket: bucket) }
        if Double(liveSlots) > (1 - Self.slotsFreed / 2) * Double(maximumSlots) { dropLight(bucket: bucket) }
    }

    /// Records a bucket.
    private func weight(_ index: Int, bucket: Int64) -> Double {
        let slot = slots[index]
        let series = slot.valueSeries >= 0 ? slot.valueSeries : slot.rateSeries
        if series >= 0, slot.rateSeries < 0 {
            let last = watched[Int(series)].detector.lastTime
            if bucket * bucketNanoseconds - last > Self.silent * bucketNanoseconds { return 0 }
        }
        return slot.rows / Double(max(bucket - slot.firstBucket, 1))
    }

    private mutating func replaceLight(by candidates: [Int], bucket: Int64) {
        let kept = keptSeries()
        var light: [(weight: Double, slot: Int)] = []
        for index in slots.indices where isReplaceable(index, kept: kept) && hasSeries(index) {
            light.append((weight(index, bucket: bucket), index))
        }
        light.sort { ($0.weight, $0.slot) < ($1.weight, $1.slot) }
        var next = 0
        var room = partRoom
        var released: [Int] = []
        let wanted = candidates.map { (weight: weight($0, bucket: bucket), slot: $0) }
            .sorted { ($0.weight, $1.slot) > ($1.weight, $0.slot) }
        for candidate in wanted {
            while room < Self.seriesPerSlot, next < light.count, 2 * light[next].weight < candidate.weight {
                let slot = slots[light[next].slot]
                room += (slot.rateSeries >= 0 ? 1 : 0) + (slot.valueSeries >= 0 ? 1 : 0)
                released.append(light[next].slot)
                next += 1
            }
            guard room >= Self.seriesPerSlot else { break }
            room -= Self.seriesPerSlot
        }
        counters.seriesReplaced += UInt64(released.count)
        release(released)
        counters.series = liveSeries
    }

    private mutating func dropLight(bucket: Int64) {
        let kept = keptSeries()
        var light: [(weight: Double, slot: Int)] = []
        for index in slots.indices where isReplaceable(index, kept: kept) && !hasSeries(index) {
            light.append((weight(index, bucket: bucket), index))
        }
        light.sort { ($0.weight, $0.slot) < ($1.weight, $1.slot) }
        release(light.prefix(Int(Self.slotsFreed * Double(maximumSlots))).map(\.slot))
    }

    private func hasSeries(_ index: Int) -> Bool { slots[index].rateSeries >= 0 || slots[index].valueSeries >= 0 }

    /// Series that findings tell of.
    private func keptSeries() -> Set<Int32> {
        var kept: Set<Int32> = []
        for finding in findings.values { for member in finding.members { kept.insert(member.series) } }
        return kept
    }

    private func isReplaceable(_ index: Int, kept: Set<Int32>) -> Bool {
        let slot = slots[index]
        guard slot.dimension >= 0, !slot.isVariable, !(index < tailOfSlot.count && tailOfSlot[index] >= 0) else {
            return false
        }
        return isIdle(index, kept: kept)
    }

    /// Whether neither a finding tells of a slot nor an open bucket has records of it.
    private func isIdle(_ index: Int, kept: Set<Int32>) -> Bool {
        if kept.contains(slots[index].rateSeries) || kept.contains(slots[index].valueSeries) { return false }
        return !open.contains { index < $0.sums.count && $0.sums[index].count > 0 }
    }

    private mutating func release(_ released: [Int]) {
        guard !released.isEmpty else { return }
        for index in released {
            let slot = slots[index]
            if !slot.isVariable {
                let place = Int(slot.service) * Self.codesPerService + Int(slot.code)
                partSlots[Int(slot.measure)][Int(slot.dimension)][place] = -1
            }
            for series in [slot.rateSeries, slot.valueSeries] where series >= 0 { release(series: Int(series)) }
            slots[index] = Slot.vacant
            freeSlots.append(Int32(index))
        }
        for place in due.indices { due[place].removeAll { slots[Int($0)].isVacant } }
        unsettled.removeAll { slots[Int($0)].isVacant }
        fresh.removeAll { slots[Int($0)].isVacant }
        // The lowest numbers are taken first, as they will be after a restart.
        freeSlots.sort(by: >)
        freeSeries.sort(by: >)
    }

    /// Gives a slot up, or, where a finding tells of its series or an open bucket of it, lets both rest.
    mutating func retire(slot index: Int) {
        let slot = slots[index]
        if isReplaceable(index, kept: keptSeries()) { return release([index]) }
        let place = Int(slot.service) * Self.codesPerService + Int(slot.code)
        partSlots[Int(slot.measure)][Int(slot.dimension)][place] = -1
        for place in due.indices { due[place].removeAll { $0 == Int32(index) } }
        unsettled.removeAll { $0 == Int32(index) }
    }

    /// Gives up slots of variables that are watched no more, and those that had to rest until now.
    mutating func retire(variables released: [Int32]) {
        variables.resting += released
        guard !variables.resting.isEmpty else { return }
        let gone = Set(released)
        if !gone.isEmpty { for place in due.indices { due[place].removeAll { gone.contains($0) } } }
        let kept = keptSeries()
        let idle = variables.resting.filter { isIdle(Int($0), kept: kept) }
        variables.resting.removeAll { idle.contains($0) }
        release(idle.map { Int($0) })
        counters.series = liveSeries
    }

    private mutating func release(series: Int) {
        count(watched[series].quantity, isPrimary: false, change: -1)
        watched[series] = WatchedSeries.vacant
        freeSeries.append(Int32(series))
        for place in frozen.indices where series < frozen[place].profiles.count {
            frozen[place].profiles[series] = nil
        }
    }

    /// A place for a new series, or nil where there is no room.
    mutating func place(_ series: WatchedSeries) -> Int? {
        if let free = freeSeries.popLast() {
            watched[Int(free)] = series
            return Int(free)
        }
        guard watched.count < options.maximumSeries else { return nil }
        watched.append(series)
        return watched.count - 1
    }

    /// A place for a new slot, or nil where there is no room.
    mutating func place(_ slot: Slot) -> Int? {
        if let free = freeSlots.popLast() {
            slots[Int(free)] = slot
            return Int(free)
        }
        guard slots.count < maximumSlots || slot.dimension < 0 else { return nil }
        slots.append(slot)
        return slots.count - 1
    }
}
