import Deviations
import Foundation
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

    init(_ settings: ServeSettings, logger: Logger) throws {
        self.settings = settings
        self.logger = logger
        let system = RealFileSystem()
        try system.createDirectory(settings.data)
        deviations = try DeviationEngine(
            storage: FolderStateStorage(path: settings.data + "/deviations.state", system: system))
        var options = StoreOptions()
        options.retentionNanoseconds = settings.retentionDays.map { Int64($0 * 86_400e9) }
        options.maximumBytes = settings.retentionBytes
        store = try Store(settings.data, system: system, options: options, observers: [deviations])
        for note in store.startNotes { logger.notice("\(note)") }
        threads = QueryThreads(running: settings.queriesAtOnce, waiting: settings.queriesWaiting)
    }

    /// Serves until a signal ends it, then drains: no connection is taken any more, what was accepted is acknowledged.
    func run() async throws {
        let (httpHost, httpPort) = try HostPort.parse(settings.http)
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let limits = QueryLimits(memoryBytes: settings.queryMemoryMiB << 20)
        let backend = Backend(
            store: store, executor: QueryExecutor(limits: limits, workers: cores), threads: threads,
            deviations: deviations, alerts: NoAlerts(), clock: SystemClock())
        let web = WebServer(backend, host: httpHost, port: httpPort, logger: logger) { port in
            Terminal.note("page and HTTP on http://\(httpHost):\(port)")
        }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: web)], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
        threads.close()
        store.close()
    }
}
