import Bytes
import Records

/// Pipes that make values from values.
extension Parser {
    /// Nil if the name is another's.
    mutating func parseValuePipe(_ name: String) throws(QueryError) -> Pipe? {
        switch name {
        case "collapse_nums":
            let condition = try takeCondition()
            let field = try takeField(after: "at")
            return .collapseNumbers(
                CollapseNumbersPipe(condition: condition, field: field, prettifies: try takeKeyword("prettify")))
        case "extract":
            let start = lexer
            let extract = try parseExtract()
            guard ExtractPattern(extract.pattern) != nil else { throw unusablePattern(from: start) }
            return .extract(extract)
        case "extract_regexp":
            let start = lexer.token.start
            let extract = try parseExtract()
            guard try checkRegexp(extract.pattern, at: start) else {
                throw fail("the expression needs a named group", at: start, expected: ["\"(?P<ip>[0-9.]+)\""])
            }
            return .extractRegexp(extract)
        case "format": return .format(try parseFormat())
        case "hash": return .hash(try parseUnary())
        case "json_array_len": return .jsonArrayLength(try parseUnary())
        case "len": return .length(try parseUnary())
        case "pack_json": return .packJSON(try parsePack())
        case "pack_logfmt": return .packLogfmt(try parsePack())
        case "replace": return .replace(try parseReplace())
        case "replace_regexp":
            let start = lexer.token.start
            let replace = try parseReplace()
            try checkRegexp(replace.old, at: start)
            return .replaceRegexp(replace)
        case "split": return .split(try parseSplit())
        case "time_add":
            let duration = try requireDuration()
            return .timeAdd(
                TimeAddPipe(duration: duration, field: try takeField(after: "at", usual: StandardFields.time)))
        case "unpack_json": return .unpackJSON(try parseUnpack(name))
        case "unpack_logfmt": return .unpackLogfmt(try parseUnpack(name))
        case "unpack_syslog": return .unpackSyslog(try parseUnpack(name))
        case "unpack_words": return .unpackWords(try parseUnpackWords())
        case "unroll": return .unroll(try parseUnroll())
        default: return nil
        }
    }

    /// `(field) as result`; without a name the result becomes the message.
    private mutating func parseUnary() throws(QueryError) -> UnaryPipe {
        guard let field = try takeFieldOperand() else { throw unexpected(["`(field)`"]) }
        return UnaryPipe(field: field, result: try takeResultName() ?? StandardFields.message)
    }

    private mutating func parseExtract() throws(QueryError) -> ExtractPipe {
        let condition = try takeCondition()
        let pattern = try requireValue("a pattern in quotes")
        let field = try takeField(after: "from")
        return ExtractPipe(condition: condition, pattern: pattern, field: field, overwrite: try takeOverwrite())
    }

    /// Finds the pattern again, for the place of the error.
    private func unusablePattern(from start: QueryLexer) -> QueryError {
        var again = self
        again.lexer = start
        _ = try? again.takeCondition()
        return again.fail(
            "the pattern needs a named field, and text between any two fields",
            expected: ["\"ip=<ip> \"", "\"<_> <path> <_>\""])
    }

    private mutating func parseFormat() throws(QueryError) -> FormatPipe {
        let condition = try takeCondition()
        let start = lexer.token.start
        let pattern = try requireValue("a pattern in quotes")
        guard FieldSlots.isClosed(pattern.bytes) else {
            throw fail("a `<` in the pattern has no `>`", at: start, expected: ["\"<field>\"", "\"&lt;\""])
        }
        for step in FieldSlots.steps(of: pattern.bytes) {
            let name = step.slot.map { FieldSlots.optionAndName($0).name } ?? .empty
            if name != "*", name.bytes.last == UInt8(ascii: "*") {
                throw fail("`\(name)` cannot stand in a pattern", at: start, expected: ["a whole field name"])
            }
        }
        let result = try takeField(after: "as")
        return FormatPipe(condition: condition, pattern: pattern, result: result, overwrite: try takeOverwrite())
    }

    private mutating func parsePack() throws(QueryError) -> PackPipe {
        let fields = try takeKeyword("fields") ? try requireChoice() : []
        return PackPipe(fields: fields, result: try takeResultName() ?? StandardFields.message)
    }

    /// `(a, b*)`; empty, as all fields are, if a `*` is among them.
    private mutating func requireChoice() throws(QueryError) -> [FieldPattern] {
        let patterns = try requirePatterns()
        return patterns.contains(.all) ? [] : patterns
    }

    private mutating func parseReplace() throws(QueryError) -> ReplacePipe {
        let condition = try takeCondition()
        try require("(")
        let old = try requireValue("the text to replace")
        try require(",")
        let new = try requireValue("the replacement")
        try require(")")
        let field = try takeField(after: "at")
        return ReplacePipe(condition: condition, old: old, new: new, field: field, limit: try takeLimit())
    }

    private mutating func parseSplit() throws(QueryError) -> SplitPipe {
        if isKeyword("as") || isKeyword("from") { throw unexpected(["a separator in quotes"]) }
        let separator = try requireValue("a separator in quotes")
        let hasField = try takeKeyword("from") || !(isAtPipeEnd || isKeyword("as"))
        let field = hasField ? try requireName() : StandardFields.message
        return SplitPipe(separator: separator, field: field, result: try takeResultName() ?? field)
    }

    private mutating func parseUnpack(_ name: String) throws(QueryError) -> UnpackPipe {
        var unpack = UnpackPipe(condition: try takeCondition())
        let modifiers: Set<String> = [
            "from", "fields", "preserve_keys", "result_prefix", "offset", "keep_original_fields", "skip_empty_results",
        ]
        let isSyslog = name == "unpack_syslog"
        if try takeKeyword("from") || !(isAtPipeEnd || keyword.map(modifiers.contains) ?? false) {
            unpack.field = try requireName()
        }
        if !isSyslog, try takeKeyword("fields") { unpack.fields = try requireChoice() }
        if name == "unpack_json", try takeKeyword("preserve_keys") { unpack.preservedKeys = try requireNames() }
        if isSyslog, try takeKeyword("offset") { unpack.timeOffset = try requireDuration() }
        if try takeKeyword("result_prefix") { unpack.resultPrefix = try requireValue("a prefix in quotes") }
        unpack.overwrite = try takeOverwrite()
        guard isAtPipeEnd else { throw unexpected(modifiers.sorted().map { "`\($0)`" } + ["`|`"]) }
        return unpack
    }

    private mutating func parseUnpackWords() throws(QueryError) -> UnpackWordsPipe {
        var field = StandardFields.message
        if try takeKeyword("from") {
            field = try requireName()
        } else if !isAtPipeEnd, !isKeyword("as"), !isKeyword("drop_duplicates") {
            field = try requireName()
        }
        let result = isKeyword("drop_duplicates") ? nil : try takeResultName()
        return UnpackWordsPipe(
            field: field, result: result ?? field, dropsDuplicates: try takeKeyword("drop_duplicates"))
    }

    private mutating func parseUnroll() throws(QueryError) -> UnrollPipe {
        let condition = try takeCondition()
        guard let fields = try takeBy(bare: true), !fields.isEmpty else { throw unexpected(["`by (fields)`"]) }
        return UnrollPipe(condition: condition, fields: fields)
    }
}
