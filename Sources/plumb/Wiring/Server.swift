import Alerts
import Deviations
import Foundation
import Intake
import Logging
import Machine
import Search
import ServiceLifecycle
import Store
import Web

/// The parts of a running server, made in the order in which they need each other and ended in the opposite one.
struct Server {
    private let settings: ServeSettings
    private let logger: Logger
    private let store: Store
    private let deviations: DeviationEngine
    private let threads: QueryThreads
    private let ruleThreads: QueryThreads
    private let pool: WorkerPool
    private let executor: QueryExecutor
    private let center: AlertCenter
    private let tails: TailHub

    /// How long requests may take to end after the signal.
    private static let drainSeconds: Int64 = 10

    init(_ settings: ServeSettings, logger: Logger) throws {
        self.settings = settings
        self.logger = logger
        let files = try AlertFiles(settings)
        let system = RealFileSystem()
        try system.createDirectory(settings.data)
        let engine = try DeviationState(folder: settings.data, system: system).loadOrSetAside(logger)
        deviations = engine
        tails = TailHub(startingAt: engine.checkpointedPosition, clock: SystemClock())
        var options = settings.storeOptions
        options.log = { logger.warning("\($0)") }
        store = try Store(settings.data, system: system, options: options, observers: [engine, tails])
        for note in store.startNotes { logger.notice("\(note)") }
        threads = QueryThreads(running: settings.queriesAtOnce, waiting: settings.queriesWaiting)
        ruleThreads = QueryThreads(running: settings.ruleQueriesAtOnce, waiting: settings.queriesWaiting, name: "rule")
        let cores = ProcessInfo.processInfo.activeProcessorCount
        pool = WorkerPool(name: "search", helpers: cores - 1)
        executor = Self.executor(settings, workers: cores, pool)
        center = try AlertCenter(
            rules: files.rules, routing: files.routing, externalURL: settings.externalURL ?? "http://" + settings.http,
            queries: StoreAlertQueries(store: store, executor: executor, threads: ruleThreads),
            transport: WebhookClient(), files: system, directory: settings.data + "/alerts", clock: SystemClock())
        engine.onChange { [inbox = center.inbox] in inbox.put(FindingNotice($0)) }
    }

    private static func executor(_ settings: ServeSettings, workers: Int, _ pool: WorkerPool) -> QueryExecutor {
        var executor = QueryExecutor(
            limits: QueryLimits(
                memoryBytes: settings.queryMemoryMiB << 20, resultRows: settings.queryRows,
                subqueryRows: settings.subqueryRows, timeNanoseconds: Int64(settings.querySeconds * 1e9)),
            workers: workers)
        executor.sharedMemory = SharedMemory(limitBytes: settings.allQueriesMemoryMiB << 20)
        executor.pool = pool
        executor.cache = ColumnCache(limitBytes: settings.queryCacheMiB << 20)
        return executor
    }

    /// Serves until a signal ends it, then drains: no connection is taken any more, what was accepted is acknowledged.
    func run() async throws {
        let http = try HostPort(settings.http)
        let records = try HostPort(settings.tcp)
        await tellWhatWasFound()
        let tcp = TCPServer(
            TCPServer.Configuration(host: records.host, port: records.port), sink: store,
            budget: ParseBudget(limitBytes: settings.parseBytes), logger: logger
        ) { port in Terminal.note("records on tcp://\(records.authority(port: port))") }
        let backend = Backend(
            store: store, executor: executor, threads: threads, deviations: deviations, alerts: center,
            clock: SystemClock(), intake: tcp.counters, tails: tails,
            uploads: ParseBudget(limitBytes: settings.parseBytes / 2))
        let web = WebServer(backend, host: http.host, port: http.port, logger: logger) { [center, settings] port in
            if settings.externalURL == nil { await center.answers(at: Self.address(http, port)) }
            Terminal.note("page and HTTP on http://\(http.authority(port: port))")
        }
        let services: [any Service] = [
            AlertService(center: center), ReloadService(settings: settings, center: center, logger: logger), web, tcp,
        ]
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        // A client that holds a request open must not hold the server's end up.
        configuration.maximumGracefulShutdownDuration = .seconds(Self.drainSeconds)
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch is CancellationError {
            logger.notice("requests that were still open after \(Self.drainSeconds) s were cut off")
        }
        threads.close()
        ruleThreads.close()
        pool.close()
        store.close()
    }

    /// Where a receiver of a notification finds this server: every interface of a machine has the machine's name.
    private static func address(_ http: HostPort, _ port: Int) -> String {
        "http://" + (http.isEveryInterface ? "\(ProcessInfo.processInfo.hostName):\(port)" : http.authority(port: port))
    }

    /// Findings that the watching layer made while the alerting layer was down, or before it could be told.
    private func tellWhatWasFound() async {
        let open = deviations.deviations().filter { !$0.isResolved }
        await center.reconcile(openFindings: Set(open.map(\.id)))
        for one in open { center.inbox.put(FindingNotice(one)) }
    }
}
