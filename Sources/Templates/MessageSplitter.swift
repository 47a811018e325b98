import Bytes

/// Takes a message apart into its static text and its variables, by fixed rules and without any state: equal bytes give
/// equal parts on every machine. Nothing stored depends on the rules; a segment keeps the parts themselves.
///
/// Variables are, in this order of precedence:
/// - UUIDs, MAC and IPv6 addresses;
/// - numbers with their sign, going on over `.`, `-` and `:` while digits follow (decimals, addresses, versions, dates,
///   times of day); a known unit behind a number, a port's colon and letters before a number (`node12`) stay static;
/// - words of letters and digits mixed, and hex words, going on over `-` (pod names, ULIDs, hashes);
/// - the value of `key=value`, and up to four quoted words, whatever they hold; or all that stands in double quotes, if
///   asked for.
///
/// Static pieces and variables together are the message, byte for byte. A variable never begins or ends inside a UTF-8
/// character.
public struct MessageSplitter: Sendable {
    private let quotes: QuotedText

    public init(quotes: QuotedText = .words) { self.quotes = quotes }

    /// Fills `parts` for one message of less than 4 GiB. O(length).
    public func split(_ message: RawSpan, into parts: inout MessageParts) {
        let found = splitMessage(message, quotes: quotes, bounds: &parts.bounds)
        parts.skeletonHash = found.textHash
        parts.wordsHash = found.wordsHash
        parts.variables.removeAll(keepingCapacity: true)
        for variable in 0..<found.count {
            parts.variables.append(parts.bounds[2 * variable]..<parts.bounds[2 * variable + 1])
        }
    }
}
