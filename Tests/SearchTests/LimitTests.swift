import Machine
import QueryLanguage
import Records
import Search
import Testing

/// Limits are kept everywhere in a query, and said when they are reached.
@Suite struct LimitTests {
    static let many = MemorySnapshot([
        RecordBatch(
            rows: (0..<20_000).map { (testNow + Int64($0), [("n", "value number \($0)"), ("k", "\($0 % 4)")]) })
    ])

    private func error(
        _ text: String, limits: QueryLimits = QueryLimits(), cancelled: @escaping @Sendable () -> Bool = { false },
        shared: SharedMemory? = nil
    ) throws -> SearchError? {
        let query = try QueryParser.parse(text, now: testNow)
        var executor = QueryExecutor(limits: limits, workers: 2)
        executor.sharedMemory = shared
        do {
            try executor.run(query, over: Self.many, now: testNow, cancelled: cancelled) { _ in }
            return nil
        } catch let error as SearchError { return error }
    }

    /// 20,000 rows with 5,000 partners each are 100 million rows: far more than the limit.
    @Test(arguments: [
        "* | join by (k) (* | fields k, n) | stats count()", "* | join by (k) (*) | limit 1",
        "n:in(* | fields n) | stats count()", "* | union (* | fields n) | stats count()",
        "* | sort by (n)", "* | stats count_uniq(n)", "* | stats uniq_values(n)", "* | uniq by (n)",
        "* | stats values(n)", "* | stats by (n) count()",
    ])
    func memory(_ text: String) throws {
        #expect(try error(text, limits: QueryLimits(memoryBytes: 300_000)) == .memory(limitBytes: 300_000))
    }

    @Test func memoryOfAllQueries() throws {
        let shared = SharedMemory(limitBytes: 300_000)
        #expect(try error("* | sort by (n)", shared: shared) == .sharedMemory(limitBytes: 300_000))
        // What the failed query held is free again.
        #expect(shared.usedBytes == 0)
        #expect(try error("* | limit 1", shared: shared) == nil)
    }

    /// Cancelled after the scan has begun: whatever loop it is in must ask.
    @Test(arguments: [
        "* | generate_sequence 100000000000 | stats count()", "* | join by (k) (* | fields k, n) | stats count()",
        "* | sort by (n) | sort by (k) | sort by (n)", "* | running_stats max(n)",
    ])
    func cancellation(_ text: String) throws {
        let asked = Monitor(0)
        let isOver: @Sendable () -> Bool = {
            asked.withLock { asked in
                asked += 1
                return asked > 5
            }
        }
        #expect(try error(text, cancelled: isOver) == .cancelled)
    }

    @Test func time() throws {
        let limits = QueryLimits(timeNanoseconds: 1_000_000)
        let text = "* | generate_sequence 100000000000 | stats count()"
        #expect(try error(text, limits: limits) == .time(limitNanoseconds: 1_000_000))
        #expect(SearchError.time(limitNanoseconds: 1_500_000_000).description.contains("1.5 s"))
    }

    @Test func rows() throws {
        var (rows, outcome) = try answer("*", over: Self.many, limits: QueryLimits(resultRows: 10))
        #expect(rows.count == 10 && outcome.partial.count == 1)
        (rows, outcome) = try answer("* | limit 10", over: Self.many, limits: QueryLimits(resultRows: 10))
        #expect(rows.count == 10 && outcome.partial.isEmpty)
        #expect(try error("n:in(* | fields n)", limits: QueryLimits(subqueryRows: 9)) == .subqueryRows(limit: 9))
    }
}
