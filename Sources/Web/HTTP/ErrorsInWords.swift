import Hummingbird
import NIOCore

/// Gives every error a line of text: what the framework throws has a status alone, and what nobody foresaw not even
/// that.
struct ErrorsInWords: RouterMiddleware {
    func handle(
        _ request: Request, context: BasicRequestContext,
        next: (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.body == nil {
            if error.status == .notFound { return try missing(request.uri.path) }
            throw AnswerError(error.status, Self.text(of: error.status, request))
        } catch is NIOTooManyBytesError {
            throw AnswerError(.contentTooLarge, Self.text(of: .contentTooLarge, request))
        } catch let error as any HTTPResponseError {
            throw error
        } catch let error as CancellationError {
            throw error
        } catch {
            throw AnswerError(.internalServerError, "\(error)")
        }
    }

    /// An address that does not exist, or one that wants another method.
    private func missing(_ path: String) throws -> Response {
        guard (InsertRoutes.paths + PushRoutes.lokiPaths + PushRoutes.otlpPaths).contains(path) else {
            throw AnswerError(.notFound, "there is no \(path); /api/v1/openapi.json lists every address")
        }
        var response = Response.text("records come by POST\n", status: .methodNotAllowed)
        response.headers[.allow] = "POST"
        return response
    }

    private static func text(of status: HTTPResponse.Status, _ request: Request) -> String {
        "\(request.method) \(request.uri.path.prefix(200)): \(status.reasonPhrase.lowercased())"
    }
}
