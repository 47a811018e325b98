import Yams

/// The only place that knows the YAML library.
enum YAMLText {
    /// Bytes of a settings file. A larger one is refused: no rule file is, and a parsed one takes many times its size.
    static let maximumBytes = 4 << 20

    /// Reads one document. Aliases count as what they stand for; an empty document is an empty mapping.
    static func read(_ bytes: [UInt8], file: String) throws(SettingsError) -> SettingsNode {
        guard bytes.count <= maximumBytes else {
            throw SettingsError("larger than \(maximumBytes) bytes", file: file, line: 0)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw SettingsError("not UTF-8", file: file, line: 0)
        }
        do {
            guard let node = try Yams.compose(yaml: text) else {
                return SettingsNode(content: .mapping([]), file: file, line: 1, path: "")
            }
            return convert(node, file: file, path: "")
        } catch {
            throw place(error, file: file)
        }
    }

    private static func convert(_ node: Node, file: String, path: String) -> SettingsNode {
        let line = node.mark?.line ?? 0
        switch node {
        case .scalar(let scalar):
            // A quoted "~" is a text, a bare one is nothing.
            let isNull = scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
            return SettingsNode(content: isNull ? .null : .scalar(scalar.string), file: file, line: line, path: path)
        case .sequence(let sequence):
            let elements = sequence.enumerated().map { convert($1, file: file, path: "\(path)[\($0)]") }
            return SettingsNode(content: .list(elements), file: file, line: line, path: path)
        case .mapping(let mapping):
            let members = mapping.map { pair in
                let key = pair.key.string ?? ""
                let below = path.isEmpty ? key : "\(path).\(key)"
                var value = convert(pair.value, file: file, path: below)
                // A block scalar's own mark may be the line after; the key's line is where a reader looks.
                value.line = pair.key.mark?.line ?? value.line
                return (key: key, value: value)
            }
            return SettingsNode(content: .mapping(members), file: file, line: line, path: path)
        case .alias:
            return SettingsNode(content: .null, file: file, line: line, path: path)
        }
    }

    private static func place(_ error: any Error, file: String) -> SettingsError {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            SettingsError(problem, file: file, line: mark.line)
        case .duplicatedKeysInMapping(let keys, let context):
            SettingsError("the key \(keys.joined(separator: ", ")) stands twice", file: file, line: context.mark.line)
        case .reader(let problem, _, _, _): SettingsError(problem, file: file, line: 0)
        default: SettingsError("not YAML: \(error)", file: file, line: 0)
        }
    }
}
