import NIOCore
import Synchronization

/// A connection that was accepted and is not served yet. The listener may drop what it accepted while it closes; this
/// one then closes itself.
final class AcceptedConnection: Sendable {
    let handle: ConnectionHandle
    private let handler: NIOLoopBound<SenderHandler>
    private let isTaken = Atomic<Bool>(false)

    /// On the event loop of the handler's channel.
    init(_ handler: SenderHandler) {
        handle = handler.handle
        self.handler = NIOLoopBound(handler, eventLoop: handler.handle.channel.eventLoop)
    }

    deinit {
        if !isTaken.load(ordering: .relaxed) { handle.channel.close(promise: nil) }
    }

    /// Reads and stores until the sender has ended, and returns when the channel is closed.
    func serve() async {
        isTaken.store(true, ordering: .relaxed)
        handle.channel.eventLoop.execute { [handler] in handler.value.start() }
        await handle.ended.wait()
        try? await handle.channel.closeFuture.get()
    }

    /// Says why not, and closes.
    func refuse(_ reason: String) async {
        isTaken.store(true, ordering: .relaxed)
        try? await handle.channel.writeAndFlush(ByteBuffer(bytes: Reply.failure(reason).line))
        try? await handle.channel.close()
    }
}
