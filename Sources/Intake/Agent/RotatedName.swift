/// The names that rotation gives to a file: `app.log.1`, `app.log-20261123`, `app-1.log`, `app.2026-11-23.log`.
package enum RotatedName {
    /// Whether `name` is one of the names that a file `base` gets, in the same folder. Compressed files are not: their
    /// contents were there before under another name.
    package static func matches(_ name: String, base: String) -> Bool {
        let name = Array(name.utf8)
        let base = Array(base.utf8)
        guard name.count > base.count else { return false }
        if name.starts(with: base) { return isCounter(name[base.count...]) }
        guard let dot = base.lastIndex(of: UInt8(ascii: ".")), dot > 0 else { return false }
        let (stem, ending) = (base[..<dot], base[dot...])
        guard name.starts(with: stem), name.suffix(ending.count).elementsEqual(ending) else { return false }
        return isCounter(name[stem.count..<(name.count - ending.count)])
    }

    /// A number, a date or a time behind a separator.
    private static func isCounter(_ part: ArraySlice<UInt8>) -> Bool {
        guard let first = part.first, ".-_".utf8.contains(first) else { return false }
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return part.contains { digits.contains($0) }
            && part.allSatisfy { digits.contains($0) || ".-_:TZ+".utf8.contains($0) }
    }
}
