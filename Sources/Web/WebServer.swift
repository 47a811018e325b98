import Hummingbird
import Logging
import ServiceLifecycle

/// The HTTP side of the server as a service: routes, the page, graceful end.
public struct WebServer: Service {
    private let application: any ApplicationProtocol

    /// - Parameters:
    ///   - host, port: where to listen; port 0 lets the system choose.
    ///   - onListening: called with the port once connections are taken.
    public init(
        _ backend: Backend, host: String, port: Int, logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void
    ) {
        application = Application(
            router: Self.router(backend),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: "plumb"),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? port) },
            logger: logger)
    }

    public func run() async throws { try await application.run() }

    private static func router(_ backend: Backend) -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self)
        PageRoutes().add(to: router)
        InsertRoutes(backend: backend).add(to: router)
        SelectRoutes(backend: backend).add(to: router)
        TraceRoutes(backend: backend).add(to: router)
        DeviationRoutes(backend: backend).add(to: router)
        AlertRoutes(backend: backend).add(to: router)
        StatusRoutes(backend: backend).add(to: router)
        OperationRoutes(backend: backend).add(to: router)
        return router
    }
}
