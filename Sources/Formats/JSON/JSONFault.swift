/// Why a JSON line is no record.
enum JSONFault: Sendable {
    case notAnObject, expectedKey, expectedColon, expectedValue, expectedCommaOrBrace, expectedCommaOrBracket
    case unterminatedString, unterminatedRecord, badNumber, badLiteral, badEscape, trailing
    case tooDeep, tooManyFields, keyTooLong, tooLong, badTime

    var text: String {
        switch self {
        case .notAnObject: "the record is not a JSON object"
        case .expectedKey: "expected a key in quotes"
        case .expectedColon: "expected a colon after the key"
        case .expectedValue: "expected a value"
        case .expectedCommaOrBrace: "expected a comma or a closing brace"
        case .expectedCommaOrBracket: "expected a comma or a closing bracket"
        case .unterminatedString: "the string does not end"
        case .unterminatedRecord: "the record does not end"
        case .badNumber: "not a number as JSON writes it"
        case .badLiteral: "not a JSON value"
        case .badEscape: "not an escape that JSON knows"
        case .trailing: "unexpected text after the record"
        case .tooDeep: "nested deeper than 64 levels"
        case .tooManyFields: "more than 1000 fields beside time and message"
        case .keyTooLong: "a field name over 1024 bytes"
        case .tooLong: "the record is over 2 MiB"
        case .badTime: "the time cannot be read"
        }
    }
}
