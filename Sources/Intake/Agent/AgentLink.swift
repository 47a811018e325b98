import Bytes
import NIOCore
import NIOPosix
import Records

/// One connection to a server, as an agent or a plain sender uses it.
package struct AgentLink: Sendable {
    typealias Stream = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private let stream: Stream
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private let inbound: NIOAsyncChannelInboundStream<ByteBuffer>

    /// Connects, runs `body`, and closes.
    package static func connect<Result: Sendable>(
        host: String, port: Int, _ body: @Sendable (AgentLink) async throws -> Result
    ) async throws -> Result {
        let stream = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(.seconds(10))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try Stream(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(
                            isOutboundHalfClosureEnabled: true, inboundType: ByteBuffer.self,
                            outboundType: ByteBuffer.self))
                }
            }
        return try await stream.executeThenClose { inbound, outbound in
            try await body(AgentLink(stream: stream, outbound: outbound, inbound: inbound))
        }
    }

    /// Sends bytes; waits while the peer does not read.
    package func send(_ bytes: [UInt8]) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }

    /// Says that no more will be sent. The peer may still answer.
    package func endSending() { outbound.finish() }

    /// Breaks the connection without a goodbye.
    package func abort() {
        stream.channel.close(promise: nil)
    }

    /// Calls `body` with each line from the peer that is understood, until it answers false or the peer closes. May be
    /// called once.
    package func forEachReply(_ body: (Reply) async throws -> Bool) async throws {
        var held: [UInt8] = []
        for try await buffer in inbound {
            held.append(copying: buffer.readableBytesSpan)
            while let end = held.firstIndex(of: 0x0A) {
                let reply = Reply(parsing: Array(held[..<end]))
                held.removeFirst(end + 1)
                if let reply, try await !body(reply) { return }
            }
            guard held.count <= 1 << 20 else { throw ShipError.protocolViolation("a reply line over 1 MiB") }
        }
    }
}
