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
        var table: ConnectionTable
        var logger: Logger
    }

    public let configuration: Configuration
    private let shared: Shared
    private let onListening: @Sendable (_ port: Int) -> Void

    /// `onListening` is called once, with the port that is bound.
    public init(
        _ configuration: Configuration, sink: any RecordSink, clock: any WallClock = SystemClock(),
        counters: IntakeCounters = IntakeCounters(), logger: Logger = Logger(label: "plumb.tcp"),
        onListening: @escaping @Sendable (_ port: Int) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.onListening = onListening
        shared = Shared(
            sink: sink, clock: clock, options: configuration.options, counters: counters, table: ConnectionTable(),
            logger: logger)
    }

    public var counters: IntakeCounters { shared.counters }

    public func run() async throws {
        let listener = try await listen()
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
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.maxMessagesPerRead, value: 4)
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 4096, initial: 65_536, maximum: Limits.socketReadBytes)
            )
            .bind(host: configuration.host, port: configuration.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    AcceptedConnection(
                        try TCPConnection.Stream(
                            wrappingChannelSynchronously: channel,
                            configuration: .init(
                                backPressureStrategy: .init(lowWatermark: 1, highWatermark: 4),
                                isOutboundHalfClosureEnabled: false, inboundType: ByteBuffer.self,
                                outboundType: ByteBuffer.self)))
                }
            }
    }

    private func serve(_ connection: AcceptedConnection) async {
        let stream = connection.take()
        let handle = ConnectionHandle(stream.channel)
        guard shared.table.add(handle) else {
            shared.counters.connectionRefused()
            try? await stream.executeThenClose { _, outbound in
                try await outbound.write(ByteBuffer(bytes: Reply.failure("too many connections").line))
            }
            return
        }
        shared.counters.connectionOpened()
        await TCPConnection(stream, handle, shared).run()
        shared.counters.connectionClosed()
        shared.table.remove(handle)
    }
}
