import Bytes
import Records

/// What of a message its form is mined from. Where a message goes on for longer, dumps and prompts among them, the rest
/// says no more of its form, and every form would be kept, and saved, with all of it.
enum MinedText {
    private static let bytes = 1024

    /// O(1).
    @_lifetime(copy message)
    static func of(_ message: RawSpan) -> RawSpan { message.slice(0, min(message.byteCount, bytes)) }
}
