/// A value in a settings file that knows its place, so that every complaint names file, line and what was expected.
struct SettingsNode {
    indirect enum Content {
        case null
        case scalar(String)
        case list([SettingsNode])
        case mapping([(key: String, value: SettingsNode)])
    }

    var content: Content
    var file: String
    var line: Int
    /// `groups[0].rules[2].expr`
    var path: String

    func error(_ reason: String) -> SettingsError {
        SettingsError(path.isEmpty ? reason : "\(path): \(reason)", file: file, line: line)
    }

    private var kind: String {
        switch content {
        case .null: "nothing"
        case .scalar(let text): "\"\(text.prefix(40))\""
        case .list: "a list"
        case .mapping: "a mapping"
        }
    }

    func members() throws(SettingsError) -> [(key: String, value: SettingsNode)] {
        switch content {
        case .mapping(let members): return members
        case .null: return []
        default: throw error("a mapping expected, found \(kind)")
        }
    }

    func elements() throws(SettingsError) -> [SettingsNode] {
        switch content {
        case .list(let elements): return elements
        case .null: return []
        default: throw error("a list expected, found \(kind)")
        }
    }

    func text() throws(SettingsError) -> String {
        guard case .scalar(let text) = content else { throw error("a text expected, found \(kind)") }
        return text
    }

    /// One text or a list of texts.
    func texts() throws(SettingsError) -> [String] {
        if case .scalar(let text) = content { return [text] }
        var texts: [String] = []
        for element in try elements() { texts.append(try element.text()) }
        return texts
    }

    func count() throws(SettingsError) -> Int {
        guard let count = Int(try text()), count >= 0 else { throw error("a whole number, 0 or more, expected") }
        return count
    }

    func number() throws(SettingsError) -> Double {
        guard let number = Double(try text()), number.isFinite else { throw error("a number expected") }
        return number
    }

    func flag() throws(SettingsError) -> Bool {
        switch try text() {
        case "true", "True", "yes", "on": return true
        case "false", "False", "no", "off": return false
        default: throw error("true or false expected, found \(kind)")
        }
    }

    /// Nanoseconds of `30s`, `5m`, `1h30m`.
    func duration() throws(SettingsError) -> Int64 {
        let text = try text()
        guard let duration = DurationText.parse(text) else {
            throw error("a duration such as 30s, 5m or 1h30m expected, found \"\(text.prefix(40))\"")
        }
        return duration
    }

    /// A mapping of texts.
    func strings() throws(SettingsError) -> [(key: String, value: SettingsNode)] {
        let pairs = try members()
        for pair in pairs { _ = try pair.value.text() }
        return pairs
    }

    /// The members by key; a key that is not `known` is an error that names the nearest one.
    func members(known: [String]) throws(SettingsError) -> [String: SettingsNode] {
        var byKey: [String: SettingsNode] = [:]
        for (key, value) in try members() {
            guard known.contains(key) else {
                let nearest = known.min { distance($0, key) < distance($1, key) }
                let hint = nearest.map { distance($0, key) <= 3 ? ", did you mean \"\($0)\"?" : "" } ?? ""
                throw value.error("unknown key\(hint.isEmpty ? "; known: \(known.joined(separator: ", "))" : hint)")
            }
            byKey[key] = value
        }
        return byKey
    }
}

/// Levenshtein's edit distance of two short texts. O(product of lengths).
private func distance(_ left: String, _ right: String) -> Int {
    let left = Array(left.utf8.prefix(64))
    let right = Array(right.utf8.prefix(64))
    var row = Array(0...right.count)
    for (index, byte) in left.enumerated() {
        var diagonal = row[0]
        row[0] = index + 1
        for (column, other) in right.enumerated() {
            let replaced = diagonal + (byte == other ? 0 : 1)
            diagonal = row[column + 1]
            row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
        }
    }
    return row[right.count]
}
