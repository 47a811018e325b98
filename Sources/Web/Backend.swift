import Alerts
import Deviations
import Intake
import Machine
import QueryLanguage
import Records
import Search
import Store

/// What the routes answer from: made once by the program that wires the server together.
public struct Backend: Sendable {
    public var store: Store
    public var executor: QueryExecutor
    public var threads: QueryThreads
    public var deviations: DeviationEngine
    public var alerts: AlertCenter
    public var clock: any WallClock & MonotonicClock
    public var counters: WebCounters
    /// What came over TCP.
    public var intake: IntakeCounters
    /// Committed batches, for those who follow them.
    public var tails: TailHub
    /// What the requests that bring records may hold together.
    public let uploads: ParseBudget
    /// Of the requests that bring records.
    let parsers = ParserPool()

    public init(
        store: Store, executor: QueryExecutor, threads: QueryThreads, deviations: DeviationEngine,
        alerts: AlertCenter, clock: any WallClock & MonotonicClock, intake: IntakeCounters, tails: TailHub,
        uploads: ParseBudget = ParseBudget()
    ) {
        self.store = store
        self.executor = executor
        self.threads = threads
        self.deviations = deviations
        self.alerts = alerts
        self.clock = clock
        self.intake = intake
        self.tails = tails
        self.uploads = uploads
        counters = WebCounters()
    }
}
