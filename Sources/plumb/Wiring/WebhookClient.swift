import Alerts
import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// Webhook calls over HTTP and HTTPS.
struct WebhookClient: WebhookTransport {
    private static let timeoutSeconds: Int64 = 10

    func post(url: String, body: [UInt8], headers: [(String, String)]) async throws -> Int {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        request.body = .bytes(ByteBuffer(bytes: body))
        let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(Self.timeoutSeconds))
        return Int(answer.status.code)
    }
}
