import Bytes
import Formats
import Logging
import Machine
import NIOCore
import Records
import Synchronization

/// One sender: a task that reads and parses whole buffers, and one that hands batches to the sink and acknowledges
/// them.
///
/// At most one append is on its way, because the sink must see an agent's batches in the order of their numbers.
/// Meanwhile the next batch grows, so that a slow disk makes larger groups and not more of them. When the growing
/// batch is full, the socket is not read.
final class TCPConnection: Sendable {
    typealias Stream = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// What both tasks share. Each holds the lock for one buffer or one batch.
    private struct State {
        var session: IngestSession?
        var isInputEnded = false
        /// The sink or the peer is gone: nothing more is to be read.
        var hasFailed = false
        var counted = AcceptedSummary()
    }

    private let stream: Stream
    private let server: TCPServer.Shared
    private let handle: ConnectionHandle
    private let state = Mutex(State())
    private let arrived = AsyncSignal()

    init(_ stream: Stream, _ handle: ConnectionHandle, _ server: TCPServer.Shared) {
        self.stream = stream
        self.handle = handle
        self.server = server
    }

    /// Serves the connection to its end.
    func run() async {
        do {
            try await stream.executeThenClose { inbound, outbound in
                await withTaskGroup { tasks in
                    tasks.addTask { await self.read(inbound, outbound) }
                    tasks.addTask { await self.store(outbound) }
                }
                outbound.finish()
            }
        } catch {
            server.logger.debug("connection ended: \(error)")
        }
        handle.ended.open()
    }

    // MARK: Reading

    private func read(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, _ outbound: Outbound) async {
        do {
            var iterator = inbound.makeAsyncIterator()
            var hello = HelloReader()
            var isDecided = false
            while let buffer = try await iterator.next() {
                server.counters.read(buffer.readableBytes)
                if isDecided {
                    await take(buffer.readableBytesSpan)
                } else {
                    isDecided = try await decide(&hello, buffer, outbound)
                }
                if state.withLock({ $0.hasFailed }) { break }
            }
            if !isDecided { begin(IngestSession(options: server.options), rest: hello.takeRest()) }
            let now = server.clock.now()
            state.withLock { $0.session?.finish(arrival: now) }
        } catch let error as HelloError {
            try? await outbound.write(ByteBuffer(bytes: Reply.failure(error.reason).line))
        } catch {
            server.logger.debug("reading from \(peer) failed: \(error)")
        }
        state.withLock { $0.isInputEnded = true }
        arrived.signal()
    }

    private typealias Outbound = NIOAsyncChannelOutboundWriter<ByteBuffer>

    private var peer: String { stream.channel.remoteAddress?.description ?? "a peer" }

    private func take(_ bytes: RawSpan) async {
        let now = server.clock.now()
        var isFull = state.withLock { state in
            state.session?.feed(bytes, arrival: now)
            return state.session?.isFull ?? false
        }
        arrived.signal()
        if isFull { server.counters.stalled() }
        while isFull {
            await handle.wake.wait()
            isFull = !handle.isStopping && state.withLock { !$0.hasFailed && ($0.session?.isFull ?? false) }
        }
    }

    /// Looks for a hello; true once the stream's kind is known.
    private func decide(_ reader: inout HelloReader, _ buffer: ByteBuffer, _ outbound: Outbound) async throws -> Bool {
        switch reader.feed(buffer.readableBytesSpan) {
        case .more: return false
        case .plain(let data):
            begin(IngestSession(options: server.options), rest: data)
        case .hello(let line, let rest):
            let hello = try Hello(parsing: line)
            if let before = server.table.claim(hello.tenant.numbering(of: hello.agent), handle) {
                server.logger.notice("agent \(hello.agent) connects again from \(peer); its older connection ends")
                before.stop()
                await before.ended.wait()
            }
            let last = await server.sink.lastSequence(of: hello.agent, tenant: hello.tenant)
            if let first = hello.first, last > 0, first - 1 > last {
                throw HelloError(reason: "first: \(first) leaves a gap, \(last) is the last record stored")
            }
            try await outbound.write(ByteBuffer(bytes: Reply.welcome(agent: hello.agent, last: last).line))
            begin(IngestSession(hello: hello, last: last), rest: rest)
        }
        return true
    }

    private func begin(_ session: IngestSession, rest: [UInt8]) {
        let now = server.clock.now()
        state.withLock { state in
            state.session = session
            state.session?.feed(rest.rawSpan, arrival: now)
        }
        arrived.signal()
    }

    // MARK: Storing

    private func store(_ outbound: Outbound) async {
        while true {
            let (portion, isEnded) = state.withLock { state in (nextPortion(&state), state.isInputEnded) }
            guard let portion else {
                if isEnded { return }
                handle.wake.signal()
                await arrived.wait()
                continue
            }
            do {
                let expired = try await append(portion)
                count(expired: expired)
                handle.wake.signal()
                if let reply = acknowledgement(portion, expired: expired) {
                    try await outbound.write(ByteBuffer(bytes: reply.line))
                }
            } catch {
                await fail(error, outbound)
                return
            }
        }
    }

    private func nextPortion(_ state: inout State) -> IngestSession.Portion? {
        state.session?.take()
    }

    /// Counts what the portions so far have added.
    private func count(expired: Int) {
        state.withLock { state in
            guard let summary = state.session?.summary else { return }
            server.counters.add(summary, since: state.counted, expired: expired)
            state.counted = summary
        }
    }

    /// Hands the portion to the sink, again and again if it is busy or the disk refuses, until the connection is to
    /// end. Answers how many of its records are older than retention.
    private func append(_ portion: IngestSession.Portion) async throws -> Int {
        guard portion.batch.rowCount > 0 || portion.mark != nil else { return 0 }
        while true {
            do throws(SinkError) {
                return try await server.sink.appendCounting(portion.batch, mark: portion.mark).expiredRows
            } catch {
                server.counters.sinkRefused()
                guard error != .closed, !handle.isStopping else { throw error }
                try await Task.sleep(for: .milliseconds(Limits.sinkRetryMilliseconds))
            }
        }
    }

    private func acknowledgement(_ portion: IngestSession.Portion, expired: Int) -> Reply? {
        guard let mark = portion.mark else { return nil }
        var examples = state.withLock { state in
            portion.rejections.map { rejection in
                Reply.Refusal(
                    record: state.session?.number(ofRecord: rejection.record) ?? 0, reason: rejection.reason,
                    sample: rejection.sample.string)
            }
        }
        if expired > 0 {
            let reason = "\(expired) records up to this one are \(Appended.expiredReason)"
            examples.append(Reply.Refusal(record: mark.lastSequence, reason: reason, sample: ""))
        }
        return .acknowledgement(mark.lastSequence, rejected: portion.rejected + expired, examples: examples)
    }

    private func fail(_ error: any Error, _ outbound: Outbound) async {
        state.withLock { $0.hasFailed = true }
        handle.wake.signal()
        server.logger.debug("storing for \(peer) failed: \(error)")
        if let error = error as? SinkError {
            let reason: String
            switch error {
            case .busy: reason = "the queue in front of the disk is full"
            case .storage(let text): reason = text
            case .closed: reason = "the server is going down"
            }
            try? await outbound.write(ByteBuffer(bytes: Reply.failure(reason).line))
        }
        handle.stop()
    }
}
