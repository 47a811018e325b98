import Bytes
import Records

/// Writes a built-in corpus: log records of simulated services as NDJSON, in order of delivery, with a fault whose
/// cause and onset are known.
///
/// The same name, number of rows and seed give the same bytes on every machine. More rows mean denser traffic over the
/// same span of time.
public struct CorpusWriter: Sendable {
    /// Rows handed out so far, of all.
    public var progress: (rowsDone: Int, rows: Int) { (rows - rowsLeft, rows) }

    let scenario: Scenario
    let seed: UInt64
    /// The seed mixed with the name, so that corpora of one seed share no identifiers.
    let engineSeed: UInt64
    private let rows: Int
    private var rowsLeft: Int
    private var engine: RequestEngine
    private var hasReadyRows = false

    /// Rows made between two sorts: enough to make sorting cheap, few enough to stay in the cache.
    private static let rowsPerRound = 4_096

    /// `rows`: nil for the scenario's own number. Throws `CorpusError` on an unknown name or a negative number.
    public init(name: String, rows: Int? = nil, seed: UInt64 = 1) throws(CorpusError) {
        guard let bytes = Self.scenarioFile(name) else {
            throw CorpusError("no corpus \(name); there are: \(Self.names.joined(separator: ", "))")
        }
        try self.init(scenario: try Scenario(reading: bytes, name: name), rows: rows, seed: seed)
    }

    /// Runs a scenario file of the caller's; `name` stands in errors.
    public init(scenarioFile bytes: [UInt8], name: String, rows: Int? = nil, seed: UInt64 = 1) throws(CorpusError) {
        try self.init(scenario: try Scenario(reading: bytes, name: name), rows: rows, seed: seed)
    }

    private init(scenario: Scenario, rows: Int?, seed: UInt64) throws(CorpusError) {
        let rows = rows ?? scenario.defaultRows
        guard rows >= 0 else { throw CorpusError("the number of rows must not be negative") }
        self.scenario = scenario
        self.seed = seed
        engineSeed = seed ^ hash64(Array(scenario.name.utf8).rawSpan)
        self.rows = rows
        rowsLeft = rows
        engine = RequestEngine(scenario, try ProgramCompiler.compile(scenario), rows: rows, seed: engineSeed)
    }

    /// Appends whole lines, `maximumBytes` of them at most, or a single one if that is longer. Returns false when
    /// there are none left and nothing was appended. O(bytes).
    public mutating func next(into buffer: inout [UInt8], maximumBytes: Int) -> Bool {
        var budget = maximumBytes
        var isFirst = true
        while rowsLeft > 0 {
            if !hasReadyRows { refill() }
            hasReadyRows = engine.queue.take(into: &buffer, budget: &budget, rows: &rowsLeft, isFirst: &isFirst)
            if hasReadyRows { return true }
        }
        return !isFirst
    }

    private mutating func refill() {
        engine.queue.compact()
        let wanted = engine.queue.count + min(Self.rowsPerRound, rowsLeft)
        while engine.queue.count < wanted && engine.rowsMade < rows { engine.makeRequest() }
        // No later request delivers anything before its own beginning.
        engine.queue.order(before: engine.rowsMade < rows ? engine.clock.now : .max)
    }
}
