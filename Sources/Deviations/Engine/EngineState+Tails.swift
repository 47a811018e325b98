import Bytes
import Statistics

/// Quantiles of durations and amounts, by service and by route.
extension EngineState {
    /// Records of one evaluation that a slot must have for its quantiles to be watched.
    private static let recordsForTails = 40.0
    private static let routes: Set<String> = [
        "route", "httproute", "operation", "operationname", "endpoint", "spanname", "methodname", "rpcmethod", "path",
        "urlpath",
    ]

    static func isRoute(_ name: ByteString) -> Bool {
        routes.contains(name.string.lowercased().filter { $0 != "_" && $0 != "." && $0 != "-" })
    }

    /// Begins to watch a slot's quantiles where it has records enough.
    ///
    /// `mean`: of its values so far.
    mutating func settleTails(slot index: Int, perBucket: Double, mean: Double) {
        let slot = slots[index]
        let isWanted = slot.dimension < 0 || Self.isRoute(fields[dimensions[Int(slot.dimension)]].name)
        let perEvaluation = perBucket * Double(slot.stride)
        guard isWanted, slot.measure > 0, perEvaluation >= Self.recordsForTails else { return }
        // The middle is watched as the mean of logarithms.
        var series: [Int32] = []
        for one in TailSlot.quantiles { series.append(perEvaluation < one.records ? -1 : watch(index, one.quantity)) }
        while tailOfSlot.count < slots.count { tailOfSlot.append(-1) }
        tailOfSlot[index] = Int32(tails.count)
        tails.append(TailSlot(slot: Int32(index), origin: TailHistogram.origin(around: Float(mean)), series: series))
    }

    /// Counts the values of the slots whose quantiles are watched. O(rows).
    func addTails(_ values: [Double], to targets: [Int32], _ sums: inout OpenBucket) {
        guard !tails.isEmpty else { return }
        sums.reserve(tails: tails.count)
        for index in targets.indices where targets[index] >= 0 && Int(targets[index]) < tailOfSlot.count {
            let tail = Int(tailOfSlot[Int(targets[index])])
            if tail >= 0 { sums.addTail(tail, Float(values[index]), origin: tails[tail].origin) }
        }
    }

    mutating func foldTails(_ bucket: borrowing OpenBucket) {
        for tail in bucket.touchedTails { tails[Int(tail)].counts.add(bucket.tails[Int(tail)]) }
    }

    mutating func evaluateTails(slot index: Int, time: Int64) {
        guard index < tailOfSlot.count, tailOfSlot[index] >= 0 else { return }
        let place = Int(tailOfSlot[index])
        let total = tails[place].counts.total
        for (number, one) in TailSlot.quantiles.enumerated() {
            let series = Int(tails[place].series[number])
            guard series >= 0, total >= one.records / 2,
                let value = tails[place].counts.quantile(one.share, origin: tails[place].origin)
            else { continue }
            // The variance of a normal sample's quantile; that of one record is known.
            let sampling = Float(one.variance) * max(slots[index].within, 1e-4) / Float(total)
            step(series, time: time, value: value, weight: total, sampling: sampling)
        }
        tails[place].counts.clear()
    }
}
