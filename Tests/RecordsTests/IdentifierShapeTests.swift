import Bytes
import Records
import Testing

@Suite struct IdentifierShapeTests {
    @Test(arguments: [
        "01M80XE2RN741AYEE490N7NNHF", "3MRxUyMLt924lNxenf8GhQjk1To", "3pVOI9jTrHCRjYLjsJWxa", "0tr2gkg00000016g0000",
        "ch_3IS4hsuxKo9F6pdnfkvWNQy", "usr_a9de7be7366447018388add142f5275a", "{7B759A2E-BDBF-AE39-BC39-BEDCBC06B691}",
        "urn:uuid:1b5f178f-ecea-4ead-b90e-4545ddab154e", "chatcmpl-9xYz8AbC7dEf6GhI5jKl4MnO3", "i-0b1c9d2e4f5a6b7c8",
    ])
    func madeUpIdentifiersAre(text: String) {
        let isRandom = IdentifierShape.isRandom(ByteString(text).bytes.rawSpan)
        #expect(isRandom)
    }

    @Test(arguments: [
        "", "abc123def456", "2124382366813212673", "2026-11-22T06:00:00.021Z", "NullPointerExceptionHandlerFactory",
        "checkout-service-v2-canary", "/p/103163/a1b2c3d4e5f6", "us-east-1a-prod-node-0012",
        "GET 3pVOI9jTrHCRjYLjsJWxa",
        "S-1-5-21-1004336348-1177238915-682003330", "aGVsbG8gd29ybGQ+/2E1b2c3ZDRlNWY2==", "ORD-2026-05000000",
    ])
    func wordsTimesAndPathsAreNot(text: String) {
        let isRandom = IdentifierShape.isRandom(ByteString(text).bytes.rawSpan)
        #expect(!isRandom)
    }

    @Test func whatIsWrappedAroundAUUIDDoesNotMatter() {
        let plain = IdentifierField.normalized("7b759a2ebdbfae39bc39bedcbc06b691")
        for text in [
            "7B759A2E-BDBF-AE39-BC39-BEDCBC06B691", "{7B759A2E-BDBF-AE39-BC39-BEDCBC06B691}",
            "urn:uuid:7b759a2e-bdbf-ae39-bc39-bedcbc06b691",
        ] {
            #expect(IdentifierField.normalized(ByteString(text)) == plain)
        }
        #expect(IdentifierField.normalized("{7B759A2E}") == "{7B759A2E}")
    }

    @Test func lastWordsOfNamesSayID() {
        for name in ["id", "charge_id", "completionId", "tweet.id", "ORDER_ID", "x-object-uuid", "orderID"] {
            #expect(IdentifierField.endsInID(ByteString(name)), "\(name)")
        }
        for name in ["", "paid", "humid", "valid_until", "identity", "duration_ns", "grid", "idle"] {
            #expect(!IdentifierField.endsInID(ByteString(name)), "\(name)")
        }
    }
}
