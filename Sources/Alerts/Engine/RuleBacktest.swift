/// What rules would have fired over stored history: the same engine, on the clock of the records.
public struct RuleBacktest: Sendable {
    /// One time that an alert fired.
    public struct Firing: Hashable, Sendable {
        /// As it was when it fired.
        public var alert: Alert
        /// Nanoseconds since the epoch, as is `to`.
        public var from: Int64
        /// Nil if it still fired at the end.
        public var to: Int64?
    }

    /// A backtest that cannot be made.
    public struct RangeError: Error, Hashable, Sendable, CustomStringConvertible {
        public var description: String
    }

    public private(set) var firings: [Firing] = []
    public private(set) var evaluations = 0
    /// Queries that failed, by rule key: the last error and how many.
    public private(set) var health: [String: RuleHealth] = [:]
    private var engine: AlertEngine
    private var open: [String: Int] = [:]

    private init(rules: RuleSet) { engine = AlertEngine(rules: rules) }

    /// Evaluates every group at each of its moments in `from`…`to`, and gives `findings` to the rules on deviations
    /// when they were detected and when they ended. O(evaluations × query). Stops early if the task is cancelled.
    public static func run(
        _ rules: RuleSet, findings: [FindingNotice] = [], from: Int64, to: Int64, queries: any AlertQueries
    ) async throws(RangeError) -> RuleBacktest {
        guard from <= to else { throw RangeError(description: "the end lies before the start") }
        let wanted = rules.groups.reduce(0) { sum, group in
            sum + Int((to - from) / group.interval + 1) * group.rules.count(where: \.isQuery)
        }
        guard wanted <= AlertLimits.backtestEvaluations else {
            throw RangeError(
                description: "\(wanted) evaluations, at most \(AlertLimits.backtestEvaluations): a shorter span please")
        }
        var backtest = RuleBacktest(rules: rules)
        var events = backtest.events(findings, from: from, to: to)[...]
        var now: Int64? = backtest.nextMoment(after: from - 1)
        while !Task.isCancelled {
            let moment = min(now ?? .max, to)
            while let event = events.first, event.time <= moment {
                backtest.note(backtest.engine.tick(at: event.time), at: event.time)
                backtest.note(backtest.engine.received(event.notice, at: event.time), at: event.time)
                events.removeFirst()
            }
            backtest.note(backtest.engine.tick(at: moment), at: moment)
            guard let time = now, time <= to else { break }
            for evaluation in backtest.engine.due(at: time) { await backtest.evaluate(evaluation, queries) }
            now = backtest.nextMoment(after: time)
        }
        backtest.health = backtest.engine.health
        return backtest
    }

    private func events(
        _ findings: [FindingNotice], from: Int64, to: Int64
    ) -> [(time: Int64, notice: FindingNotice)] {
        var events: [(time: Int64, notice: FindingNotice)] = []
        for finding in findings {
            var begun = finding
            begun.resolvedAt = nil
            events.append((finding.detectedAt, begun))
            if let end = finding.resolvedAt { events.append((max(end, finding.detectedAt), finding)) }
        }
        return events.filter { (from...to).contains($0.time) }.sorted { $0.time < $1.time }
    }

    /// The earliest moment after `time` at which a group with queries is evaluated.
    private func nextMoment(after time: Int64) -> Int64? {
        engine.rules.groups.filter { $0.rules.contains(where: \.isQuery) }.map { group in
            let since = time - group.offset
            return since - (since % group.interval + group.interval) % group.interval + group.interval + group.offset
        }.min()
    }

    private mutating func evaluate(_ evaluation: AlertEngine.Evaluation, _ queries: any AlertQueries) async {
        for rule in evaluation.group.rules {
            guard case .query(let expression) = rule.source else { continue }
            evaluations += 1
            do {
                let samples = try await queries.evaluate(
                    expression, at: evaluation.time, window: evaluation.group.interval)
                let actions = engine.evaluated(rule, of: evaluation.group, samples: samples, at: evaluation.time)
                note(actions, at: evaluation.time)
            } catch {
                engine.failed(rule, "\(error)", at: evaluation.time)
            }
        }
    }

    private mutating func note(_ actions: [AlertAction], at time: Int64) {
        for action in actions {
            switch action {
            case .fired(let alert):
                open[alert.key] = firings.count
                firings.append(Firing(alert: alert, from: time))
            case .resolved(let alert):
                if let index = open.removeValue(forKey: alert.key) { firings[index].to = time }
            case .pending, .updated, .dropped: break
            }
        }
    }
}
