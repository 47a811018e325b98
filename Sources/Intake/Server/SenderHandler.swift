import Bytes
import Formats
import Logging
import Machine
import NIOCore
import Records

/// One sender, on its event loop: the thread that reads a buffer parses it while its bytes are in the cache, hands
/// batches to the sink and acknowledges them. No task and no lock stands between these steps.
///
/// At most one batch is on its way, because the sink must see an agent's batches in the order of their numbers.
/// Meanwhile the next one grows, so that a slow disk makes larger groups and not more of them. When the growing batch
/// is full, the socket is not read.
final class SenderHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let handle: ConnectionHandle
    private let server: TCPServer.Shared
    private let loop: any EventLoop
    private var context: ChannelHandlerContext?
    /// Until the stream's kind is known.
    private var hello: HelloReader? = HelloReader()
    /// While a hello is being answered; what comes meanwhile is held.
    private var isGreeting = false
    private var held: [UInt8] = []
    private var session: IngestSession?
    private var counted = AcceptedSummary()
    private var lastWrite: EventLoopFuture<Void>?
    /// What came when the budget of all connections was spent; it is parsed when that has room.
    private var deferred: ByteBuffer?
    private var isRetrying = false
    /// What the budget knows of this connection, and bytes of a batch that the sink refused so far.
    private var countedBytes = 0
    private var refusedBytes = 0
    private var isStoring = false
    private var isStalled = false
    private var isInputEnded = false
    /// Nothing more will be stored or said.
    private var isOver = false

    /// Seconds that a peer has to take the last acknowledgement.
    private static let farewellSeconds: Int64 = 10

    init(_ channel: any Channel, _ server: TCPServer.Shared) {
        handle = ConnectionHandle(channel)
        loop = channel.eventLoop
        self.server = server
    }

    /// Begins to read. On the event loop.
    func start() { readOn() }

    // MARK: What the channel says

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        server.counters.read(buffer.readableBytes)
        if isOver || isInputEnded { return }
        if session != nil {
            guard deferred == nil, !server.budget.isSpent else { return hold(buffer) }
            session!.feed(buffer.readableBytesSpan, arrival: server.clock.now())
        } else if hello != nil {
            decide(buffer.readableBytesSpan)
        } else {
            held.append(copying: buffer.readableBytesSpan)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        store()
        readOn()
        account()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) { store() }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { endInput(isOrderly: true) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        endInput(isOrderly: false)
        // What waited for the peer to take its acknowledgements waits no longer.
        store()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        server.logger.debug("reading from \(peer) failed: \(error)")
        endInput(isOrderly: false)
        context.close(promise: nil)
    }

    private var peer: String { handle.channel.remoteAddress?.description ?? "a peer" }

    private func readOn() {
        guard !isOver && !isInputEnded && !isGreeting, let context else { return }
        if deferred != nil { return retryLater() }
        let isFull = session?.isFull ?? false
        if isFull && !isStalled { server.counters.stalled() }
        isStalled = isFull
        if !isFull { context.read() }
    }

    private func endInput(isOrderly: Bool) {
        guard !isInputEnded else { return }
        isInputEnded = true
        takeDeferred()
        if isOrderly {
            if var undecided = hello { beginPlain(undecided.takeRest()) }
            session?.finish(arrival: server.clock.now())
        }
        hello = nil
        store()
        account()
    }

    // MARK: Memory

    private func hold(_ buffer: ByteBuffer) {
        server.counters.stalled()
        var buffer = buffer
        if deferred == nil { deferred = buffer } else { deferred!.writeBuffer(&buffer) }
    }

    private func takeDeferred() {
        guard let buffer = deferred else { return }
        deferred = nil
        session?.feed(buffer.readableBytesSpan, arrival: server.clock.now())
    }

    private func retryLater() {
        guard !isRetrying else { return }
        isRetrying = true
        let own = NIOLoopBound(self, eventLoop: loop)
        loop.scheduleTask(in: .milliseconds(Int64(Limits.budgetRetryMilliseconds))) { own.value.retry() }
    }

    private func retry() {
        isRetrying = false
        guard !isOver, !isInputEnded else { return }
        if !server.budget.isSpent { takeDeferred() }
        store()
        readOn()
        account()
    }

    /// Tells the budget of all connections what this one holds. What a peer holds up that takes no acknowledgements is
    /// not counted, since others would wait for it.
    private func account() {
        if server.budget.isScarce { session?.releaseRoom() }
        let isHeldUp = !isStoring && context.map { $0.channel.isActive && !$0.channel.isWritable } ?? false
        let bytes = isOver || isHeldUp ? 0 : (session?.memoryBytes ?? 0) + refusedBytes
        server.budget.add(bytes - countedBytes)
        countedBytes = bytes
    }

    // MARK: Who speaks

    private func begin(_ session: IngestSession, _ data: [UInt8]) {
        hello = nil
        self.session = session
        if server.budget.isSpent, !isInputEnded { return hold(ByteBuffer(bytes: data)) }
        self.session!.feed(data.rawSpan, arrival: server.clock.now())
    }

    /// A sender without a hello: JSON or syslog, which its first bytes tell.
    private func beginPlain(_ data: [UInt8]) { begin(IngestSession(options: server.options, beginning: data), data) }

    private func decide(_ bytes: RawSpan) {
        switch hello!.feed(bytes) {
        case .more: return
        case .plain(let data): beginPlain(data)
        case .hello(let line, let rest):
            hello = nil
            held = rest
            do throws(HelloError) {
                greet(try Hello(parsing: line))
            } catch {
                refuse(error)
            }
        }
    }

    /// Ends an older connection of the agent and asks how far the agent has come.
    private func greet(_ hello: Hello) {
        isGreeting = true
        let own = NIOLoopBound(self, eventLoop: loop)
        Task { [server, handle, loop, peer] in
            if let before = server.table.claim(hello.tenant.numbering(of: hello.agent), handle) {
                server.logger.notice("agent \(hello.agent) connects again from \(peer); its older connection ends")
                before.stop()
                await before.ended.wait()
            }
            let last = await server.sink.lastSequence(of: hello.agent, tenant: hello.tenant)
            loop.execute { own.value.welcome(hello, last: last) }
        }
    }

    private func welcome(_ hello: Hello, last: UInt64) {
        isGreeting = false
        if let first = hello.first, last > 0, first - 1 > last {
            return refuse(HelloError(reason: "first: \(first) leaves a gap, \(last) is the last record stored"))
        }
        write(.welcome(agent: hello.agent, last: last))
        begin(IngestSession(hello: hello, last: last), held)
        held = []
        store()
        readOn()
    }

    private func refuse(_ error: HelloError) {
        write(.failure(error.reason))
        end()
    }

    // MARK: Storing

    private func store() {
        guard !isStoring && !isOver && !isGreeting else { return }
        // A peer that does not take its acknowledgements gets no more of them.
        if let context, context.channel.isActive, !context.channel.isWritable { return }
        if let portion = session?.take() {
            isStoring = true
            submit(portion)
        } else if isInputEnded {
            end()
        }
    }

    private func submit(_ portion: IngestSession.Portion) {
        guard portion.batch.rowCount > 0 || portion.mark != nil else {
            return stored(portion, .success(Appended(position: .beginning)))
        }
        let own = NIOLoopBound(self, eventLoop: loop)
        server.sink.submit(portion.batch, mark: portion.mark) { [loop] answer in
            loop.execute { own.value.stored(portion, answer) }
        }
    }

    private func stored(_ portion: IngestSession.Portion, _ answer: Result<Appended, SinkError>) {
        switch answer {
        case .success(let appended):
            isStoring = false
            refusedBytes = 0
            count(expired: appended.expiredRows)
            if let reply = acknowledgement(portion, expired: appended.expiredRows) { write(reply) }
            store()
            readOn()
            account()
        case .failure(let error):
            server.counters.sinkRefused()
            refusedBytes = portion.batch.memoryBytes
            account()
            guard error != .closed, !handle.isStopping else { return fail(error) }
            // Again and again if the sink is busy or the disk refuses, until the connection is to end.
            let own = NIOLoopBound(self, eventLoop: loop)
            loop.scheduleTask(in: .milliseconds(Int64(Limits.sinkRetryMilliseconds))) { own.value.submit(portion) }
        }
    }

    /// Counts what the portions so far have added.
    private func count(expired: Int) {
        guard let summary = session?.summary else { return }
        server.counters.add(summary, since: counted, expired: expired)
        counted = summary
    }

    private func acknowledgement(_ portion: IngestSession.Portion, expired: Int) -> Reply? {
        guard let mark = portion.mark else { return nil }
        var examples = portion.rejections.map { rejection in
            Reply.Refusal(
                record: session?.number(ofRecord: rejection.record) ?? 0, reason: rejection.reason,
                sample: rejection.sample.string)
        }
        if expired > 0 {
            let reason = "\(expired) records up to this one are \(Appended.expiredReason)"
            examples.append(Reply.Refusal(record: mark.lastSequence, reason: reason, sample: ""))
        }
        return .acknowledgement(mark.lastSequence, rejected: portion.rejected + expired, examples: examples)
    }

    private func fail(_ error: SinkError) {
        server.logger.debug("storing for \(peer) failed: \(error)")
        let reason =
            switch error {
            case .busy: "the queue in front of the disk is full"
            case .storage(let text): text
            case .closed: "the server is going down"
            }
        write(.failure(reason))
        end()
    }

    private func write(_ reply: Reply) {
        guard let context, context.channel.isActive else { return }
        lastWrite = context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: reply.line)))
    }

    /// Closes the channel once everything is said.
    private func end() {
        guard !isOver else { return }
        isOver = true
        session = nil
        held = []
        deferred = nil
        account()
        handle.ended.open()
        let channel = handle.channel
        guard let lastWrite else { return channel.close(promise: nil) }
        let patience = loop.scheduleTask(in: .seconds(Self.farewellSeconds)) { channel.close(promise: nil) }
        lastWrite.whenComplete { _ in
            patience.cancel()
            channel.close(promise: nil)
        }
    }
}
