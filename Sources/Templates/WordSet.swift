import Bytes

/// A few words of up to eight bytes, each packed into an integer.
struct WordSet: Sendable {
    private var words: [UInt64]

    init(_ text: String) {
        words = text.split(separator: " ").map { word in
            precondition(word.utf8.count <= 8)
            return word.utf8.reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    func contains(_ packed: UInt64) -> Bool { words.contains(packed) }

    /// The bytes of a range of at most eight, packed as the words are; nil for a longer or an empty range.
    static func packed(_ bytes: RawSpan, _ start: Int, _ end: Int) -> UInt64? {
        guard end > start, end - start <= 8 else { return nil }
        var packed: UInt64 = 0
        for at in stride(from: end - 1, through: start, by: -1) { packed = packed << 8 | UInt64(bytes[at]) }
        return packed
    }

    static let dates = WordSet(
        "Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec AM PM am pm "
            + "UTC GMT PDT PST EDT EST CST CDT MST MDT CET CEST")
    static let units = WordSet(
        "B KB MB GB TB kB KiB MiB GiB TiB bytes Bytes ns us ms s sec secs second seconds min minute minutes hour hours day days"
    )
    static let absent = WordSet("null NULL none None nil unknown N/A NA -")
    static let fileEndings = WordSet(
        "exe dll so jar war py sh bat c cc cpp h java js log txt xml json yaml yml conf cfg ini html htm css png jpg jpeg "
            + "gif svg zip gz tar tgz bz2 xz zst pdf csv db sql tmp bak pid sock plist app")
    static let domains = WordSet("com org net edu gov mil local internal lan")
    static let nouns = WordSet("user User username host hostname")
}
