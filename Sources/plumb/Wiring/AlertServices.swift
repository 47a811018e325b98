import Alerts
import Logging
import ServiceLifecycle
import UnixSignals

/// Runs the alerting layer until the server ends.
struct AlertService: Service {
    let center: AlertCenter

    func run() async throws {
        await cancelWhenGracefulShutdown { await center.runUntilCancelled() }
    }
}

/// SIGHUP reads rules and routes anew. Files that are wrong change nothing: what runs goes on, and the log says why.
struct ReloadService: Service {
    let settings: ServeSettings
    let center: AlertCenter
    let logger: Logger

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        for await _ in signals.cancelOnGracefulShutdown() {
            do {
                let files = try AlertFiles(settings)
                await center.reload(rules: files.rules, routing: files.routing)
                logger.notice("rules and routes were read anew")
            } catch {
                logger.error("rules and routes stay as they were: \((error as? CommandFailure)?.message ?? "\(error)")")
            }
        }
    }
}
