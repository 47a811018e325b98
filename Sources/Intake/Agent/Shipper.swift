import Formats
import Logging
import Machine
import Records
import ServiceLifecycle

/// The agent: follows files through rotation and ships their lines with acknowledgement, each path over a connection
/// and a numbering of its own.
///
/// Its place is saved once the records before it are acknowledged, so that after a crash the same lines come again
/// under the same numbers and the server drops what it has. Graceful shutdown stops reading and saves the place.
public struct Shipper: Service {
    public struct Configuration: Sendable {
        public var host: String
        public var port: Int
        /// Files; `-` is standard input.
        public var paths: [String]
        /// The beginning of the agents' names; the machine's name serves well.
        public var name: String
        /// The folder for the saved places.
        public var stateDirectory: String
        /// Whether the end of the files is the end; else they are followed.
        public var stopsAtEnd: Bool
        /// The form of the lines; nil to find it from each file's first ones. Other forms than JSON are sent as JSON.
        public var format: LineFormat?
        /// Sent with each hello: tenant and field names. Its agent is replaced.
        public var hello: Hello
        /// How often files are looked at when nothing comes, and progress is told.
        public var pollMilliseconds: Int
        /// How long a rotated file must not have grown before it is left for the new one: its writer may still have it
        /// open.
        public var rotatedQuietMilliseconds: Int
        /// With `stopsAtEnd`: how long no server may be there before shipping fails, in seconds.
        public var patienceSeconds: Int

        var patienceNanoseconds: Int64 { Int64(patienceSeconds) * 1_000_000_000 }

        public init(
            host: String, port: Int, paths: [String], name: String, stateDirectory: String, stopsAtEnd: Bool = false,
            format: LineFormat? = nil, hello: Hello = Hello(agent: "-"), pollMilliseconds: Int = 250,
            rotatedQuietMilliseconds: Int = 3000, patienceSeconds: Int = 120
        ) {
            self.host = host
            self.port = port
            self.paths = paths
            self.name = name
            self.stateDirectory = stateDirectory
            self.stopsAtEnd = stopsAtEnd
            self.format = format
            self.hello = hello
            self.pollMilliseconds = pollMilliseconds
            self.rotatedQuietMilliseconds = rotatedQuietMilliseconds
            self.patienceSeconds = patienceSeconds
        }
    }

    private let configuration: Configuration
    private let clock: any MonotonicClock & WallClock
    private let logger: Logger
    private let onProgress: @Sendable (ShipProgress) -> Void
    private let onRefusal: @Sendable (_ path: String, Reply.Refusal) -> Void

    /// `onProgress` is called every poll interval and at the end; `onRefusal` with examples of refused records.
    public init(
        _ configuration: Configuration, clock: any MonotonicClock & WallClock = SystemClock(),
        logger: Logger = Logger(label: "plumb.ship"), onProgress: @escaping @Sendable (ShipProgress) -> Void = { _ in },
        onRefusal: @escaping @Sendable (_ path: String, Reply.Refusal) -> Void = { _, _ in }
    ) {
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        self.onProgress = onProgress
        self.onRefusal = onRefusal
    }

    /// Ships until every source has ended and is acknowledged, or shutdown. Throws what no new connection can mend: a
    /// saved place that cannot be read or written, or a file that cannot.
    public func run() async throws {
        let system = RealFileSystem()
        try system.createDirectory(configuration.stateDirectory)
        // Two agents with one place would both move it.
        let lock = try system.lock(configuration.stateDirectory + "/lock")
        defer { lock.release() }
        var shipments: [PathShipment] = []
        for path in try distinctPaths(system) {
            shipments.append(
                try PathShipment(
                    path, configuration, system: system, clock: clock, wallClock: clock, logger: logger,
                    onRefusal: onRefusal))
        }
        let all = shipments
        try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Bool.self) { tasks in
                for shipment in all {
                    tasks.addTask {
                        try await shipment.run()
                        return true
                    }
                }
                tasks.addTask { [self] in
                    while !Task.isCancelled {
                        try await Task.sleep(for: .milliseconds(configuration.pollMilliseconds))
                        onProgress(Self.total(all))
                    }
                    return false
                }
                var running = all.count
                while running > 0, let isShipment = try await tasks.next() { running -= isShipment ? 1 : 0 }
                tasks.cancelAll()
            }
        } onGracefulShutdown: {
            for shipment in all { shipment.stop() }
        }
        onProgress(Self.total(all))
    }

    /// The paths from the root, each file once.
    private func distinctPaths(_ system: RealFileSystem) throws -> [String] {
        var paths: [String] = []
        var identities: Set<FileIdentity> = []
        for given in configuration.paths {
            let path = given == "-" ? given : try system.absolutePath(given)
            let identity = given == "-" ? nil : try? system.identity(of: path).identity
            if paths.contains(path) || identity.map({ !identities.insert($0).inserted }) ?? false {
                logger.warning("\(given) is named twice; it is shipped once")
            } else {
                paths.append(path)
            }
        }
        return paths
    }

    private static func total(_ shipments: [PathShipment]) -> ShipProgress {
        shipments.map(\.progress).reduce(into: ShipProgress()) { sum, one in
            sum.sentRecords += one.sentRecords
            sum.acknowledgedRecords += one.acknowledgedRecords
            sum.refusedRecords += one.refusedRecords
            sum.sentBytes += one.sentBytes
            sum.backlogBytes += one.backlogBytes
            sum.unacknowledgedBytes += one.unacknowledgedBytes
            sum.connections += one.connections
        }
    }
}
