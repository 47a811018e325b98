import Bytes
import QueryLanguage
import Records
import Templates

/// How often each value of each field occurred in one window.
private struct ValueSurvey {
    var rowCount = 0
    /// Field and value, each with its length in front.
    var table = KeyTable()
    var counts: [Int] = []

    mutating func add(_ field: ByteString, _ value: ByteString, _ count: Int) {
        var key: [UInt8] = []
        TupleKey.append(field.bytes.rawSpan, to: &key)
        TupleKey.append(value.bytes.rawSpan, to: &key)
        let number = table.insert(key.rawSpan).number
        if number == counts.count { counts.append(0) }
        counts[number] += count
    }

    func count(_ key: RawSpan) -> Int { table.number(of: key).map { counts[$0] } ?? 0 }

    var memoryBytes: Int { table.memoryBytes + counts.count * 8 }
}

/// `compare with (time)`: values and templates that are new, gone, more or less frequent than in the baseline window,
/// the most significant first. Significance is the log-likelihood ratio of two proportions (Dunning 1993). What chance
/// alone would bring forth in more than one of a thousand comparisons of two windows is not reported: 10.83 for one
/// value, and for many the twofold logarithm of their number more, since each is another chance (Bonferroni 1936).
final class CompareMiner: OrderedPipe {
    /// Distinct values of a field in one chunk above which it says nothing about a window (identifiers, times).
    private static let valuesPerChunk = 1_000
    private static let leastScore = 10.83

    private let pipe: ComparePipe
    private let current: (any RowFilter)?
    private let baseline: () throws -> [Chunk]
    private var miner = TemplateMiner()
    private var survey = ValueSurvey()
    private var shapes: [Int: Int] = [:]
    private var memory: MemoryMeter
    private var ticker: BudgetTicker
    private var dropped: Set<ByteString> = []

    init(_ pipe: ComparePipe, current: (any RowFilter)?, budget: QueryBudget, baseline: @escaping () throws -> [Chunk])
    {
        self.pipe = pipe
        self.current = current
        self.baseline = baseline
        memory = MemoryMeter(budget)
        ticker = BudgetTicker(budget)
    }

    func push(_ chunk: Chunk) throws -> Chunk? {
        if let current { try current.narrow(&chunk.rows, of: chunk) }
        try add(chunk, to: &survey, &shapes)
        try memory.set(survey.memoryBytes + TemplateMemory.bytes(miner))
        return nil
    }

    private func add(_ chunk: Chunk, to survey: inout ValueSurvey, _ shapes: inout [Int: Int]) throws {
        survey.rowCount += chunk.rows.setCount
        for name in chunk.names
        where name != StandardFields.time && name != StandardFields.message && !dropped.contains(name) {
            guard pipe.fields.isEmpty || pipe.fields.contains(where: { $0.matches(name) }) else { continue }
            let coded = CodedColumn(try chunk.column(name), rows: chunk.rows)
            if coded.count > Self.valuesPerChunk {
                dropped.insert(name)
                continue
            }
            var counts = [Int](repeating: 0, count: coded.count)
            chunk.rows.visit { row in counts[coded.codes.map { Int($0[row]) } ?? 0] += 1 }
            for code in counts.indices where counts[code] > 0 { survey.add(name, coded.value(code), counts[code]) }
        }
        guard pipe.fields.isEmpty || pipe.fields.contains(where: { $0.matches(StandardFields.message) }) else { return }
        let times = try chunk.times()
        try chunk.column(StandardFields.message).forEach(chunk.rows) { row, value in
            try ticker.tick()
            if value.byteCount > 0 {
                shapes[miner.shape(of: value, time: Timestamp(nanoseconds: times?[row] ?? 0)), default: 0] += 1
            }
        }
    }

    func finish(_ emit: (Chunk) throws -> Void) throws {
        var before = ValueSurvey()
        var beforeShapes: [Int: Int] = [:]
        for chunk in try baseline() {
            try add(chunk, to: &before, &beforeShapes)
            try memory.set(survey.memoryBytes + before.memoryBytes + TemplateMemory.bytes(miner))
        }
        miner.consolidate()
        addTemplates(shapes, to: &survey)
        addTemplates(beforeShapes, to: &before)
        var changes: [Change] = []
        for index in 0..<survey.table.count {
            let key = survey.table.keys[index]
            changes.append(Change(key, survey.counts[index], before.count(key), survey.rowCount, before.rowCount))
        }
        for index in 0..<before.table.count where survey.table.number(of: before.table.keys[index]) == nil {
            changes.append(Change(before.table.keys[index], 0, before.counts[index], survey.rowCount, before.rowCount))
        }
        changes.removeAll { dropped.contains($0.field) }
        let least = Self.leastScore + 2 * MathFunctions.ln(Double(max(changes.count, 1)))
        changes.removeAll { $0.score < least }
        changes.sort { ($1.score, $0.field, $0.value) < ($0.score, $1.field, $1.value) }
        if pipe.limit > 0 { changes = Array(changes.prefix(Int(clamping: pipe.limit))) }
        guard !changes.isEmpty else { return }
        try emit(
            Chunk(
                columns: [
                    ("field", .strings(StringColumn(changes.map(\.field)))),
                    ("value", .strings(StringColumn(changes.map(\.value)))),
                    ("change", .strings(StringColumn(changes.map(\.kind)))),
                    ("hits", .integers(changes.map { Int64($0.now) })),
                    ("baseline_hits", .integers(changes.map { Int64($0.before) })),
                    ("score", .strings(StringColumn(changes.map { NumberText.text(($0.score * 10).rounded() / 10) }))),
                ], rowCount: changes.count))
    }

    private func addTemplates(_ shapes: [Int: Int], to survey: inout ValueSurvey) {
        var counts: [Int: Int] = [:]
        for (shape, count) in shapes { counts[miner.resolve(shape), default: 0] += count }
        for template in miner.templates {
            if let count = counts[template.number] { survey.add("pattern", template.text, count) }
        }
    }

    private struct Change {
        var field: ByteString
        var value: ByteString
        var now: Int
        var before: Int
        var score: Double
        var kind: ByteString

        init(_ key: RawSpan, _ now: Int, _ before: Int, _ rowsNow: Int, _ rowsBefore: Int) {
            let parts = TupleKey.parts(key)
            field = parts[0]
            value = parts[1]
            self.now = now
            self.before = before
            let shareNow = Double(now) / Double(max(rowsNow, 1))
            let shareBefore = Double(before) / Double(max(rowsBefore, 1))
            kind = before == 0 ? "new" : now == 0 ? "gone" : shareNow > shareBefore ? "more" : "less"
            score = Self.logLikelihood(now, before, rowsNow, rowsBefore)
        }

        private static func logLikelihood(_ left: Int, _ right: Int, _ leftAll: Int, _ rightAll: Int) -> Double {
            guard leftAll > 0, rightAll > 0 else { return 0 }
            let share = Double(left + right) / Double(leftAll + rightAll)
            func part(_ observed: Int, _ expected: Double) -> Double {
                observed == 0 || expected == 0 ? 0 : Double(observed) * MathFunctions.ln(Double(observed) / expected)
            }
            return 2
                * (part(left, share * Double(leftAll)) + part(right, share * Double(rightAll))
                    + part(leftAll - left, (1 - share) * Double(leftAll))
                    + part(rightAll - right, (1 - share) * Double(rightAll)))
        }
    }
}
