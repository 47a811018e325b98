import Bytes

extension Parser {
    /// Options, filter and pipes, up to the end or a closing parenthesis.
    mutating func parseQuery() throws(QueryError) -> Query {
        try nested { parser throws(QueryError) in
            let outer = parser.options
            defer { parser.options = outer }
            let options = try parser.parseOptions()
            parser.options = options
            let filter = try parser.parseFilter()
            var pipes: [Pipe] = []
            while try parser.takeSymbol("|") {
                let start = parser.lexer.token.start
                let pipe = try parser.parsePipe()
                if case .streamContext = pipe, !pipes.isEmpty {
                    throw parser.fail("`stream_context` must be the first pipe", at: start)
                }
                pipes.append(pipe)
            }
            return Query(options: options, filter: filter, pipes: pipes, now: parser.now)
        }
    }

    private mutating func parseOptions() throws(QueryError) -> QueryOptions {
        var options = options
        if isKeyword("options") {
            try lexer.advance()
            guard try takeSymbol("(") else { throw unexpected(["`options(name=value)`", "quotes around the word"]) }
            while !isSymbol(")") {
                try parseOption(into: &options)
                guard try takeSymbol(",") || isSymbol(")") else { throw unexpected(["`,`", "`)`"]) }
            }
            try lexer.advance()
        }
        return options
    }

    private mutating func parseOption(into options: inout QueryOptions) throws(QueryError) {
        let start = lexer.token.start
        let name = try requireCompound([.lists, .equals], "an option").string
        try require("=")
        switch name {
        case "concurrency": options.concurrency = min(try requireInteger(), 1_024)
        case "parallel_readers": options.parallelReaders = try requireInteger()
        case "ignore_global_time_filter": options.ignoresGlobalTimeFilter = try requireBoolean()
        case "allow_partial_response": options.allowsPartialResponse = try requireBoolean()
        case "time_offset": options.timeOffset = try requireDuration()
        default:
            let known = [
                "allow_partial_response", "concurrency", "ignore_global_time_filter", "parallel_readers", "time_offset",
            ]
            throw fail(
                "unknown option `\(name)`", at: start, expected: known,
                suggestion: NearestName.suggestion(for: name, among: known))
        }
    }

    private mutating func requireBoolean() throws(QueryError) -> Bool {
        let start = lexer.token.start
        switch try requireValue("true or false").string.lowercased() {
        case "true", "1": return true
        case "false", "0": return false
        default: throw fail("this is neither true nor false", at: start, expected: ["true", "false"])
        }
    }
}
