import Bytes

/// What is known of some words of up to eight bytes: an open-addressing table from the packed word to its meanings.
struct WordTable: Sendable {
    struct Meaning: OptionSet, Sendable {
        var rawValue: UInt8

        /// Days, months, time zones.
        static let date = Meaning(rawValue: 1)
        /// Behind a number, part of it.
        static let unit = Meaning(rawValue: 2)
        /// Stands for the lack of a value.
        static let absent = Meaning(rawValue: 4)
        /// Names the word that follows.
        static let noun = Meaning(rawValue: 8)
        /// Behind the last dot, makes a file name.
        static let fileEnding = Meaning(rawValue: 16)
        /// Behind the last dot, makes a host name.
        static let domain = Meaning(rawValue: 32)
    }

    private static let lexicon: [(Meaning, String)] = [
        (.date, "Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec AM PM am pm"),
        (.date, "UTC GMT PDT PST EDT EST CST CDT MST MDT CET CEST"),
        (.unit, "B KB MB GB TB kB KiB MiB GiB TiB bytes Bytes ns us ms s sec secs second seconds"),
        (.unit, "min minute minutes hour hours day days"),
        (.absent, "null NULL none None nil unknown N/A NA -"),
        (.noun, "user User username host hostname"),
        (.fileEnding, "exe dll so jar war py sh bat c cc cpp h java js log txt xml json yaml yml conf cfg ini html"),
        (.fileEnding, "htm css png jpg jpeg gif svg zip gz tar tgz bz2 xz zst pdf csv db sql tmp bak pid sock"),
        (.fileEnding, "plist app"),
        (.domain, "com org net edu gov mil local internal lan"),
    ]
    private static let size = 512

    /// Each word with its meanings in the next element. One array, since each is counted when the table is handed on.
    private var entries = [UInt64](repeating: 0, count: 2 * size)

    init() {
        for (meaning, text) in Self.lexicon {
            for word in text.utf8.split(separator: UInt8(ascii: " ")) {
                let packed = word.reversed().reduce(0) { $0 << 8 | UInt64($1) }
                let at = place(packed)
                entries[at] = packed
                entries[at + 1] |= UInt64(meaning.rawValue)
            }
        }
    }

    /// What is known of a packed word; 0 packs the words too long for the table. O(1).
    @inline(__always)
    func meaning(of packed: UInt64) -> Meaning {
        Meaning(rawValue: UInt8(truncatingIfNeeded: entries[place(packed) + 1]))
    }

    /// Where the word is, or the free place where it would be.
    @inline(__always)
    private func place(_ packed: UInt64) -> Int {
        var at = 2 * Int(mixed(packed) & UInt64(Self.size - 1))
        while entries[at] != packed && entries[at] != 0 { at = (at + 2) & (2 * Self.size - 1) }
        return at
    }

    /// The bytes of a range, the first in the low byte; 0 for more than eight of them, or none.
    static func pack(_ bytes: RawSpan, _ start: Int, _ end: Int) -> UInt64 {
        guard end - start <= 8 else { return 0 }
        if start + 8 <= bytes.byteCount && start < end {
            return bytes.loadUInt64(at: start) & (.max >> UInt64(64 - 8 * (end - start)))
        }
        var packed: UInt64 = 0
        for at in stride(from: end - 1, through: start, by: -1) { packed = packed << 8 | UInt64(bytes[at]) }
        return packed
    }
}
