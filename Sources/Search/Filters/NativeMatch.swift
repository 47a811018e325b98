import Bytes
import Records

/// A matcher on a column as its block holds it: numbers as numbers, shared values once.
enum NativeMatch {
    /// False, with nothing changed, where each row's text is needed.
    static func narrow(_ rows: inout Bitmap, _ native: NativeColumn, _ matcher: some ValueMatcher) -> Bool {
        switch native {
        case .constant(let value):
            if !matcher.matches(value.bytes.rawSpan) { rows = Bitmap(count: rows.count) }
            return true
        case .coded(let codes, let values, let hasMissing):
            narrow(&rows, codes, matching(values, hasMissing, matcher))
            return true
        case .plain(let values, let presence):
            return narrow(&rows, values, presence, matcher)
        }
    }

    /// By code, whether its value matches.
    private static func matching(_ values: NativeValues, _ hasMissing: Bool, _ matcher: some ValueMatcher) -> Bitmap {
        let count = values.count + (hasMissing ? 1 : 0)
        var matching = Bitmap(count: count, full: true)
        if case .integers(let numbers) = values {
            var some = Bitmap(count: values.count, full: true)
            if matcher.narrow(&some, integers: numbers) {
                matching = Bitmap(count: count)
                some.visit { matching.insert($0) }
                if hasMissing, matcher.matches([UInt8]().rawSpan) { matching.insert(values.count) }
                return matching
            }
        }
        if case .texts(let texts) = values, !hasMissing {
            matcher.narrow(&matching, texts: texts)
        } else {
            matcher.narrow(&matching, texts: values.texts(andEmpty: hasMissing))
        }
        return matching
    }

    private static func narrow(_ rows: inout Bitmap, _ codes: NativeCodes, _ matching: Bitmap) {
        let count = matching.setCount
        if count == matching.count { return }
        if count == 0 {
            rows = Bitmap(count: rows.count)
        } else if count == 1 {
            let only = Int(matching.rows[0])
            switch codes {
            case .bytes(let codes): rows.keep(ColumnScans.equal(codes, UInt8(truncatingIfNeeded: only)))
            case .words(let codes): rows.keep(ColumnScans.equal(codes, UInt16(truncatingIfNeeded: only)))
            case .wide(let codes): rows.keep(ColumnScans.equal(codes, UInt32(truncatingIfNeeded: only)))
            }
        } else {
            let table = (0..<matching.count).map { matching.contains($0) }
            switch codes {
            case .bytes(let codes): rows.filter { table[Int(codes[$0])] }
            case .words(let codes): rows.filter { table[Int(codes[$0])] }
            case .wide(let codes): rows.filter { table[Int(codes[$0])] }
            }
        }
    }

    private static func narrow(
        _ rows: inout Bitmap, _ values: NativeValues, _ presence: RowPresence?, _ matcher: some ValueMatcher
    ) -> Bool {
        var found = Bitmap(count: values.count, full: true)
        switch values {
        case .integers(let numbers): if !matcher.narrow(&found, integers: numbers) { return false }
        case .decimals(let decimals): if !matcher.narrow(&found, decimals: decimals) { return false }
        case .addresses(let addresses): if !matcher.narrow(&found, addresses: addresses) { return false }
        case .texts, .digits:
            // Only whether there is a value is known without its text.
            guard presence != nil, matcher is PresentMatcher || matcher is EmptyMatcher else { return false }
            if matcher is EmptyMatcher { found = Bitmap(count: values.count) }
        }
        guard let presence else {
            rows.formIntersection(found)
            return true
        }
        let emptyMatches = matcher.matches([UInt8]().rawSpan)
        if found.isEmpty, !emptyMatches {
            rows = Bitmap(count: rows.count)
            return true
        }
        rows.formIntersection(spread(found, presence, missing: emptyMatches))
        return true
    }

    /// Bits of the present values as bits of all rows.
    private static func spread(_ found: Bitmap, _ presence: RowPresence, missing: Bool) -> Bitmap {
        var spread = Bitmap(count: presence.rowCount)
        for word in presence.words.indices {
            var place = Int(presence.ranks[word])
            var rest = presence.words[word]
            var bits: UInt64 = 0
            while rest != 0 {
                if found.contains(place) { bits |= rest & (~rest &+ 1) }
                rest &= rest &- 1
                place += 1
            }
            spread.words[word] = bits | (missing ? ~presence.words[word] : 0)
        }
        if missing { spread.formIntersection(Bitmap(count: spread.count, full: true)) }
        return spread
    }
}

extension ScaledDecimals {
    /// The numbers; nil where one has more digits than division is sure to read as its text would be read. An exact
    /// integer by an exact power of ten is rounded once, as reading is.
    var numbers: [Double]? {
        let (numbers, largest) = ColumnScans.divided(scaled, by: (0..<most).reduce(1.0) { power, _ in power * 10 })
        return largest <= 1 << 53 ? numbers : nil
    }
}
