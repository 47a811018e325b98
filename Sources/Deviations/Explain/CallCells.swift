import Statistics

/// Spans of one operation that called the same services and lack the same: what they did before and after.
struct CallCell {
    var service: UInt16
    var operation: UInt16
    var callees: [UInt16]
    /// Services that spans of this operation nearly always call, and these did not.
    var missing: [UInt16]
    /// Spans in the window.
    var count = 0.0
    /// Mean of the window's normal scores among the baseline's own times; 0 where nothing changed.
    var shift = 0.0
    /// ln of the likelihood ratio of a longer own time, and of more errors, against none.
    var slowness = 0.0
    var errors = 0.0
    var errorShare = 0.0
    var errorShareBefore = 0.0
    /// Mean own times in milliseconds.
    var before = 0.0
    var after = 0.0

    /// So many spans say no more: those of one time are no independent witnesses.
    static func effective(_ count: Double) -> Double { count / (1 + count / 400) }
}

extension CallCell {
    private struct Key: Hashable {
        var service: UInt16
        var operation: UInt16
        var callees: [UInt16]
        var missing: [UInt16]
    }

    private struct Kind: Hashable {
        var service: UInt16
        var operation: UInt16
    }

    /// The cells of a forest, and how much the calls of each operation to each service changed. O(spans · log spans).
    static func cells(of forest: SpanForest) -> (cells: [CallCell], edges: [CallEdge]) {
        var ofKind: [Kind: [Int]] = [:]
        for (index, span) in forest.spans.enumerated() {
            ofKind[Kind(service: span.service, operation: span.operation), default: []].append(index)
        }
        var cells: [CallCell] = []
        var edges: [CallEdge] = []
        for (kind, members) in ofKind.sorted(by: {
            ($0.key.service, $0.key.operation) < ($1.key.service, $1.key.operation)
        }) {
            let before = members.filter { !forest.spans[$0].isAfter }
            let after = members.filter { forest.spans[$0].isAfter }
            var calls: [UInt16: (before: Double, after: Double)] = [:]
            for index in members {
                for callee in forest.spans[index].callees {
                    if forest.spans[index].isAfter {
                        calls[callee, default: (0, 0)].after += 1
                    } else {
                        calls[callee, default: (0, 0)].before += 1
                    }
                }
            }
            for (callee, count) in calls.sorted(by: { $0.key < $1.key }) {
                edges.append(
                    CallEdge(
                        caller: kind.service, operation: kind.operation, callee: callee,
                        callersBefore: Double(before.count), callersAfter: Double(after.count),
                        callsBefore: count.before, callsAfter: count.after))
            }
            guard before.count >= 8, !after.isEmpty else { continue }
            let usual = calls.filter { $0.value.before >= 0.9 * Double(before.count) }.keys.sorted()
            var ofKey: [Key: [Int]] = [:]
            for index in members {
                let callees = forest.spans[index].callees
                let missing = usual.filter { !callees.contains($0) }
                ofKey[
                    Key(service: kind.service, operation: kind.operation, callees: callees, missing: missing),
                    default: []
                ].append(index)
            }
            for (key, own) in ofKey.sorted(by: {
                ($0.key.callees, $0.key.missing).0.lexicographicallyPrecedes($1.key.callees)
            }) {
                cells.append(cell(key, own, of: before, forest))
            }
        }
        return (cells, edges)
    }

    private static func cell(_ key: Key, _ own: [Int], of kind: [Int], _ forest: SpanForest) -> CallCell {
        var cell = CallCell(service: key.service, operation: key.operation, callees: key.callees, missing: key.missing)
        var reference = own.filter { !forest.spans[$0].isAfter }
        if reference.count < 20 { reference = kind }
        let after = own.filter { forest.spans[$0].isAfter }
        cell.count = Double(after.count)
        guard !after.isEmpty else { return cell }
        cell.weighTimes(reference.map { forest.spans[$0].own }, after.map { forest.spans[$0].own })
        let errorsBefore = Double(reference.count { forest.spans[$0].isOrigin })
        let errorsAfter = Double(after.count { forest.spans[$0].isOrigin })
        cell.errorShare = errorsAfter / cell.count
        cell.errorShareBefore = errorsBefore / Double(reference.count)
        let usual = (errorsBefore + 0.5) / (Double(reference.count) + 1)
        if cell.errorShare > usual {
            let weight = effective(cell.count) / cell.count
            cell.errors = max(0, weight * binomial(hits: errorsAfter, of: cell.count, usual: usual) - 1)
        }
        return cell
    }

    /// ln of the likelihood of `hits` at their own share against a usual one.
    static func binomial(hits: Double, of count: Double, usual: Double) -> Double {
        func term(_ observed: Double, _ expected: Double) -> Double {
            observed > 0 ? observed * naturalLogarithm(observed / max(expected, 1e-12)) : 0
        }
        return term(hits, count * usual) + term(count - hits, count * (1 - usual))
    }

    /// Places the window's own times among the baseline's.
    private mutating func weighTimes(_ reference: [Float], _ now: [Float]) {
        let sorted = reference.sorted()
        let size = Double(sorted.count)
        before = Double(reference.reduce(0, +)) / size
        after = Double(now.reduce(0, +)) / count
        let middle = sorted[sorted.count / 2]
        let high = sorted[min(sorted.count - 1, sorted.count * 84 / 100)]
        // Times near zero are all alike.
        let floor = max(0.05 * middle, 0.02)
        let spread = max(naturalLogarithm(Double((high + floor) / (middle + floor))), 0.05)
        var sum = 0.0
        var far = 0.0
        for value in now {
            let rank = Double(Self.place(of: value, in: sorted))
            var score = -NormalDistribution.upperQuantile((rank + 0.5) / (size + 1))
            if value > sorted[sorted.count - 1] {
                score += min(3, naturalLogarithm(Double((value + floor) / (sorted[sorted.count - 1] + floor))) / spread)
            }
            sum += score.clamped(to: -2...5)
            if rank >= 0.98 * size { far += 1 }
        }
        shift = sum / count
        let effective = Self.effective(count) * size / (size + count)
        let lasting = shift > 0 ? effective * shift * shift / 2 : 0
        let usual = 0.02 + 1 / size
        let tail = far / count > usual ? Self.binomial(hits: far, of: count, usual: usual) * effective / count : 0
        slowness = max(lasting, tail)
    }

    /// How many are less, half of those that are equal.
    private static func place(of value: Float, in sorted: [Float]) -> Double {
        func bound(_ isBefore: (Float) -> Bool) -> Int {
            var low = 0
            var high = sorted.count
            while low < high {
                let middle = (low + high) / 2
                if isBefore(sorted[middle]) { low = middle + 1 } else { high = middle }
            }
            return low
        }
        return Double(bound { $0 < value } + bound { $0 <= value }) / 2
    }
}

/// How often spans of one operation called a service.
struct CallEdge {
    var caller: UInt16
    var operation: UInt16
    var callee: UInt16
    var callersBefore: Double
    var callersAfter: Double
    var callsBefore: Double
    var callsAfter: Double
}
