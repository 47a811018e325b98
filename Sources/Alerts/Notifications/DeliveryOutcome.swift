/// What came of one webhook call.
enum DeliveryOutcome: Sendable {
    case delivered
    case failed(reason: String, isFinal: Bool)

    static func of(
        _ delivery: Delivery, headers: [String: String], _ transport: any WebhookTransport
    ) async -> DeliveryOutcome {
        var all = [
            ("Content-Type", "application/json"), ("User-Agent", "plumb"), ("Idempotency-Key", delivery.id),
        ]
        all += headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        do {
            let status = try await transport.post(url: delivery.url, body: Array(delivery.body.utf8), headers: all)
            switch status {
            case 200..<300: return .delivered
            // Too early, timed out, too many: the same call may succeed later.
            case 408, 425, 429: return .failed(reason: "answered \(status)", isFinal: false)
            case 400..<500: return .failed(reason: "answered \(status)", isFinal: true)
            default: return .failed(reason: "answered \(status)", isFinal: false)
            }
        } catch {
            return .failed(reason: "\(error)", isFinal: false)
        }
    }
}
