import Hummingbird

/// Says in words that an address does not exist, or that it wants another method: the router's own answer is empty.
struct MissingRoute: RouterMiddleware {
    func handle(
        _ request: Request, context: BasicRequestContext,
        next: (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound && error.body == nil {
            let path = request.uri.path
            guard (InsertRoutes.paths + PushRoutes.lokiPaths + PushRoutes.otlpPaths).contains(path) else {
                throw AnswerError(.notFound, "there is no \(path); /api/v1/openapi.json lists every address")
            }
            var response = Response.text("records come by POST\n", status: .methodNotAllowed)
            response.headers[.allow] = "POST"
            return response
        }
    }
}
