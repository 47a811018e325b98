/// What stands between `{{` and `}}`: a first operand, and functions that it is piped through.
struct TemplateExpression: Hashable, Sendable {
    enum Operand: Hashable, Sendable {
        case value
        case label(String)
        case named(String)
        case text(String)
        case number(Double)
    }

    struct Call: Hashable, Sendable {
        var function: TemplateFunction
        /// In the order in which they are written; a piped value comes after them, as in Go.
        var arguments: [Operand]
        var takesPiped: Bool
    }

    private var first: Operand?
    private var calls: [Call] = []

    init(_ source: String) throws(TemplateError) {
        var words = TemplateWords(source)
        var stage: [TemplateWords.Word] = []
        var stages: [[TemplateWords.Word]] = []
        while let word = try words.next() {
            if case .bar = word {
                stages.append(stage)
                stage = []
            } else {
                stage.append(word)
            }
        }
        stages.append(stage)
        for (index, stage) in stages.enumerated() {
            guard let head = stage.first else { throw TemplateError(reason: "nothing between {{ and }} or around |") }
            try add(head, Array(stage.dropFirst()), isFirst: index == 0)
        }
    }

    private mutating func add(
        _ head: TemplateWords.Word, _ rest: [TemplateWords.Word], isFirst: Bool
    ) throws(TemplateError) {
        guard case .name(let name) = head else {
            guard isFirst, rest.isEmpty else { throw TemplateError(reason: "a function expected after |") }
            first = try Self.operand(head)
            return
        }
        if name == "index" {
            guard isFirst, rest.count == 2, case .variable("labels") = rest[0], case .text(let label) = rest[1] else {
                throw TemplateError(reason: "index $labels \"name\" expected")
            }
            first = .label(label)
            return
        }
        guard let function = TemplateFunction(rawValue: name) else {
            let control = ["if", "else", "end", "range", "with", "define", "template", "block", "query"]
            let known = TemplateFunction.allCases.map(\.rawValue).joined(separator: ", ")
            throw TemplateError(
                reason: control.contains(name)
                    ? "{{ \(name) }} is not supported here" : "unknown function \(name); known: \(known)")
        }
        var arguments: [Operand] = []
        for word in rest { arguments.append(try Self.operand(word)) }
        let count = arguments.count + (isFirst ? 0 : 1)
        guard function == .printf ? count >= 1 : count == 1 else {
            throw TemplateError(reason: "\(name) takes \(function == .printf ? "a format and values" : "one value")")
        }
        calls.append(Call(function: function, arguments: arguments, takesPiped: !isFirst))
    }

    private static func operand(_ word: TemplateWords.Word) throws(TemplateError) -> Operand {
        switch word {
        case .text(let text): return .text(text)
        case .number(let number): return .number(number)
        case .variable(let path): return try variable(path)
        case .name(let name): throw TemplateError(reason: "\(name) is no value")
        case .bar: throw TemplateError(reason: "a value expected")
        }
    }

    private static func variable(_ path: String) throws(TemplateError) -> Operand {
        if path == "value" { return .value }
        // A dotted field such as http.route is one label, not a path.
        if path.hasPrefix("labels.") { return .label(String(path.dropFirst(7))) }
        guard TemplateContext.names.contains(path) else {
            throw TemplateError(
                reason: "unknown value $\(path); known: $value, $labels.NAME, "
                    + TemplateContext.names.sorted().map { "$\($0)" }.joined(separator: ", "))
        }
        return .named(path)
    }

    func evaluate(_ context: TemplateContext) -> TemplateValue {
        var piped = first.map { resolve($0, context) }
        for call in calls {
            var arguments = call.arguments.map { resolve($0, context) }
            if call.takesPiped, let piped { arguments.append(piped) }
            piped = call.function.apply(arguments)
        }
        return piped ?? .text("")
    }

    private func resolve(_ operand: Operand, _ context: TemplateContext) -> TemplateValue {
        switch operand {
        case .value: .number(context.value)
        case .label(let name): .text(context.labels[name] ?? "")
        case .named(let name): context.numbers[name].map { .number($0) } ?? .text(context.texts[name] ?? "")
        case .text(let text): .text(text)
        case .number(let number): .number(number)
        }
    }
}

/// Splits an expression into words.
struct TemplateWords {
    enum Word {
        /// A function.
        case name(String)
        /// `$labels.x`, `.Labels.x`, `$value`: the path without `$`, its first letter small.
        case variable(String)
        case text(String)
        case number(Double)
        case bar
    }

    private var rest: Substring

    init(_ source: String) { rest = source[...] }

    mutating func next() throws(TemplateError) -> Word? {
        rest = rest.drop { $0.isWhitespace }
        guard let first = rest.first else { return nil }
        switch first {
        case "|":
            rest.removeFirst()
            return .bar
        case "\"", "`": return .text(try quoted(by: first))
        case "$", ".":
            rest.removeFirst()
            let path = String(take { $0.isLetter || $0.isNumber || "_.-".contains($0) })
            guard let letter = path.first else { throw TemplateError(reason: "a name expected after \(first)") }
            return .variable(first == "." ? letter.lowercased() + path.dropFirst() : path)
        default: break
        }
        let word = take { !$0.isWhitespace && $0 != "|" }
        if let number = Double(word) { return .number(number) }
        guard word.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else {
            throw TemplateError(reason: "\(word) is not understood")
        }
        return .name(String(word))
    }

    private mutating func take(while holds: (Character) -> Bool) -> Substring {
        let word = rest.prefix(while: holds)
        rest = rest.dropFirst(word.count)
        return word
    }

    private mutating func quoted(by quote: Character) throws(TemplateError) -> String {
        rest.removeFirst()
        var text = ""
        while let character = rest.popFirst() {
            if character == quote { return text }
            if character == "\\" && quote == "\"", let escaped = rest.popFirst() {
                text.append(escaped == "n" ? "\n" : escaped == "t" ? "\t" : escaped)
            } else {
                text.append(character)
            }
        }
        throw TemplateError(reason: "a text without closing \(quote)")
    }
}
