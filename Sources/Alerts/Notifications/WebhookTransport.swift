/// Makes a webhook call; implemented where the HTTP client is. It must end within a bounded time (ten seconds, say).
public protocol WebhookTransport: Sendable {
    /// Posts `body`; returns the status code. Throws if there was no answer.
    func post(url: String, body: [UInt8], headers: [(String, String)]) async throws -> Int
}
