import Bytes
import Hummingbird

/// An error that becomes an answer with a status and a line of text.
struct AnswerError: Error, HTTPResponseError {
    var status: HTTPResponse.Status
    var message: String
    var retryAfterSeconds: Int?

    init(_ status: HTTPResponse.Status, _ message: String, retryAfterSeconds: Int? = nil) {
        self.status = status
        self.message = message
        self.retryAfterSeconds = retryAfterSeconds
    }

    func response(from request: Request, context: some RequestContext) -> Response {
        var headers: HTTPFields = [.contentType: "text/plain; charset=utf-8"]
        if let retryAfterSeconds { headers[.retryAfter] = String(retryAfterSeconds) }
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: message + "\n")))
    }
}

extension Response {
    /// A JSON document.
    static func json(_ status: HTTPResponse.Status = .ok, _ build: (inout JSONText) -> Void) -> Response {
        var text = JSONText()
        text.object(build)
        return bytes(text.bytes, type: "application/json", status: status)
    }

    static func bytes(_ bytes: [UInt8], type: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-cache"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    static func text(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        bytes(Array(text.utf8), type: "text/plain; charset=utf-8", status: status)
    }

    /// What a pipe delivers, as it comes; the pipe hears when the client goes away.
    static func streaming(_ pipe: ResponsePipe, type: String, to client: ClientWatch) -> Response {
        Response(
            status: .ok, headers: [.contentType: type],
            body: ResponseBody { writer in
                do {
                    let patience = Task {
                        try await Task.sleep(nanoseconds: ClientWatch.patienceNanoseconds)
                        pipe.nudge()
                    }
                    defer { patience.cancel() }
                    try await withTaskCancellationHandler {
                        while let chunk = await pipe.next() {
                            if !chunk.isEmpty {
                                try await writer.write(ByteBuffer(bytes: chunk))
                                continue
                            }
                            // Nothing has come for a while: nobody but the connection tells that the client has gone.
                            try await client.untilGone({ pipe.abandon() }) {
                                while let chunk = await pipe.next() {
                                    try await writer.write(ByteBuffer(bytes: chunk))
                                }
                            }
                            break
                        }
                    } onCancel: {
                        pipe.abandon()
                    }
                    try await writer.finish(nil)
                } catch {
                    pipe.abandon()
                    throw error
                }
            })
    }
}

extension TimeArgumentError: HTTPResponseError {
    public var status: HTTPResponse.Status { .badRequest }

    public func response(from request: Request, context: some RequestContext) -> Response {
        .text(description + "\n", status: .badRequest)
    }
}
