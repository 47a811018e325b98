import Hummingbird
import HummingbirdCore
import Intake
import Logging
import NIOCore
import ServiceLifecycle

/// The HTTP side of the server as a service: routes, the page, graceful end.
public struct WebServer: Service {
    private let application: any ApplicationProtocol
    private let address: String

    /// A connection on which nothing comes, half a header among it, is closed after this. Longer than an insert may
    /// wait for a slow disk, during which its body is not read.
    private static let idleTime = TimeAmount.seconds(180)

    /// - Parameters:
    ///   - host, port: where to listen; port 0 lets the system choose.
    ///   - onListening: called with the port once connections are taken.
    public init(
        _ backend: Backend, host: String, port: Int, logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void
    ) {
        address = "\(host):\(port)"
        application = Application(
            router: Self.router(backend),
            server: .http1(
                configuration: HTTP1Channel.Configuration(
                    additionalChannelHandlers: [ExpectContinue()], idleTimeout: Self.idleTime)),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: "plumb"),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? port) },
            logger: logger)
    }

    public func run() async throws {
        do {
            try await application.run()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw ListenError("HTTP on \(address)", error)
        }
    }

    private static func router(_ backend: Backend) -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self)
        router.add(middleware: ErrorsInWords())
        PageRoutes().add(to: router)
        InsertRoutes(backend: backend).add(to: router)
        PushRoutes(backend: backend).add(to: router)
        BulkRoutes(backend: backend).add(to: router)
        DeleteRoutes(backend: backend).add(to: router)
        SelectRoutes(backend: backend).add(to: router)
        TraceRoutes(backend: backend).add(to: router)
        DeviationRoutes(backend: backend).add(to: router)
        ExplainRoutes(backend: backend).add(to: router)
        BaselineRoutes(backend: backend).add(to: router)
        AlertRoutes(backend: backend).add(to: router)
        StatusRoutes(backend: backend).add(to: router)
        OperationRoutes(backend: backend).add(to: router)
        return router
    }
}
