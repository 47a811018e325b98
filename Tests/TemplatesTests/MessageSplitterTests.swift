import Bytes
import Templates
import Testing

/// The message with each variable in braces.
func marked(_ text: String) -> String {
    let bytes = Array(text.utf8)
    var parts = MessageParts()
    MessageSplitter().split(bytes.rawSpan, into: &parts)
    var marked: [UInt8] = []
    var cursor = 0
    for variable in parts.variables {
        marked += bytes[cursor..<Int(variable.lowerBound)]
        marked.append(UInt8(ascii: "{"))
        marked += bytes[Int(variable.lowerBound)..<Int(variable.upperBound)]
        marked.append(UInt8(ascii: "}"))
        cursor = Int(variable.upperBound)
    }
    marked += bytes[cursor...]
    return String(decoding: marked, as: UTF8.self)
}

@Suite struct MessageSplitterTests {
    @Test(arguments: [
        "": "",
        "no variables here, can't be": "no variables here, can't be",
        "took 15ms, 1.5 s, 7µs and 3KB": "took {15}ms, {1.5} s, {7}µs and {3}KB",
        "temperature -12 (-3.5)": "temperature {-12} ({-3.5})",
        "pages 3-7, a--5": "pages {3-7}, a--{5}",
        "from 10.2.3.4:8080 to 10.2.3.4:80": "from {10.2.3.4}:{8080} to {10.2.3.4}:{80}",
        "at 2026-03-02T10:00:00.250Z or 10:20:30": "at {2026-03-02T10:00:00.250}Z or {10:20:30}",
        "node12 blk_-160899968 v1.2.3": "node{12} blk_{-160899968} v{1.2.3}",
        "0x1f3a deadbeef01 a3f9c2e1": "{0x1f3a} {deadbeef01} {a3f9c2e1}",
        "id 550e8400-e29b-41d4-a716-446655440000.": "id {550e8400-e29b-41d4-a716-446655440000}.",
        "id 55008400-e29b-abcd-abcd-abcdefabcdef!": "id {55008400-e29b-abcd-abcd-abcdefabcdef}!",
        "pod orders-7d9f8b6c5-kxfqz ready": "pod orders-{7d9f8b6c5-kxfqz} ready",
        "mac aa:bb:cc:d1:e2:ff up": "mac {aa:bb:cc:d1:e2:ff} up",
        "addr fe80::1 and 2001:db8::ff00:42:8329": "addr {fe80::1} and {2001:db8::ff00:42:8329}",
        "user=alice.b status=ok. n=-5 x==y": "user={alice.b} status={ok}. n={-5} x==y",
        #"user 'alice' said "hello" to "bob t. smith""#: #"user '{alice}' said "{hello}" to "{bob t. smith}""#,
        #"said "five words are too many" or "a,b" or "two  spaces""#:
            #"said "five words are too many" or "a,b" or "two  spaces""#,
        #"{"user":"alice","n":5}"#: #"{"user":"{alice}","n":{5}}"#,
        "GET /api/v1/orders/123/items HTTP/1.1": "GET /api/v{1}/orders/{123}/items HTTP/{1.1}",
        "größe=groß7 é5": "größe={groß7} é{5}",
    ])
    func rules(_ message: String, _ expected: String) {

        #expect(marked(message) == expected)
    }
}
