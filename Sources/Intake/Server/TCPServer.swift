import Formats
import Logging
import Machine
import NIOCore
import NIOPosix
import Records
import ServiceLifecycle

/// Takes NDJSON over TCP, with acknowledgements for agents that say hello (`Docs/Protocols/Tcp.md`).
///
/// Graceful shutdown stops listening and reading, stores and acknowledges what was read, and returns.
public struct TCPServer: Service {
    public struct Configuration: Sendable {
        public var host: String
        /// 0 lets the system choose.
        public var port: Int
        /// For senders that do not say hello.
        public var options: ParseOptions

        public init(host: String = "127.0.0.1", port: Int = 7781, options: ParseOptions = ParseOptions()) {
            self.host = host
            self.port = port
            self.options = options
        }
    }

    /// What every connection uses.
    struct Shared: Sendable {
        var sink: any RecordSink
        var clock: any WallClock
        var options: ParseOptions
        var counters: IntakeCounters
        var budget: ParseBudget
        var table: ConnectionTable
        var logger: Logger
    }

    public let configuration: Configuration
    private let shared: Shared
    private let onListening: @Sendable (_ port: Int) -> Void

    /// `onListening` is called once, with the port that is bound.
    public init(
        _ configuration: Configuration, sink: any RecordSink, clock: any WallClock = SystemClock(),
        counters: IntakeCounters = IntakeCounters(), budget: ParseBudget = ParseBudget(),
        logger: Logger = Logger(label: "plumb.tcp"),
        onListening: @escaping @Sendable (_ port: Int) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.onListening = onListening
        shared = Shared(
            sink: sink, clock: clock, options: configuration.options, counters: counters, budget: budget,
            table: ConnectionTable(), logger: logger)
    }

    public var counters: IntakeCounters { shared.counters }
    /// What its connections' parsers hold.
    public var budget: ParseBudget { shared.budget }

    public func run() async throws {
        let listener: NIOAsyncChannel<AcceptedConnection, Never>
        do {
            listener = try await listen()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw ListenError("TCP on \(configuration.host):\(configuration.port)", error)
        }
        onListening(listener.channel.localAddress?.port ?? configuration.port)
        shared.logger.info("taking records on \(listener.channel.localAddress?.description ?? "")")
        let channel = listener.channel
        let table = shared.table
        try await withGracefulShutdownHandler {
            try await listener.executeThenClose { connections in
                try await withThrowingDiscardingTaskGroup { tasks in
                    for try await connection in connections {
                        tasks.addTask { await serve(connection) }
                    }
                }
            }
        } onGracefulShutdown: {
            channel.close(promise: nil)
            table.stopAll()
        }
    }

    private func listen() async throws -> NIOAsyncChannel<AcceptedConnection, Never> {
        try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            // Acknowledgements are short: a peer that does not take them must not hold megabytes of the kernel's.
            .childChannelOption(.socketOption(.so_sndbuf), value: SocketOptionValue(Limits.acknowledgementBytes))
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            // The handler asks for each read, and the one buffer is free again when it has been parsed.
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 4096, initial: 16_384, maximum: Limits.socketReadBytes)
            )
            .bind(host: configuration.host, port: configuration.port) { [shared] channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = SenderHandler(channel, shared)
                    try channel.pipeline.syncOperations.addHandler(handler)
                    return AcceptedConnection(handler)
                }
            }
    }

    private func serve(_ connection: AcceptedConnection) async {
        guard shared.table.add(connection.handle) else {
            shared.counters.connectionRefused()
            await connection.refuse("too many connections")
            return
        }
        shared.counters.connectionOpened()
        await connection.serve()
        shared.counters.connectionClosed()
        shared.table.remove(connection.handle)
    }
}
