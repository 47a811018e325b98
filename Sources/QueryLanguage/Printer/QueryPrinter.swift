import Bytes

/// Writes trees as canonical text. Its parts are in extensions by kind of node.
struct QueryPrinter {
    private(set) var output: [UInt8] = []

    var text: String { String(decoding: output, as: UTF8.self) }

    mutating func write(_ text: String) { output += text.utf8 }

    mutating func writeName(_ name: ByteString) { writeValue(name) }

    /// A name or a value: bare unless it could be read as grammar.
    mutating func writeValue(_ value: ByteString) {
        if QuotedText.isBare(value.bytes), !Keywords.isReserved(value.string.lowercased()) {
            output += value.bytes
        } else {
            writeQuoted(value)
        }
    }

    mutating func writeQuoted(_ value: ByteString) { QuotedText.appendQuoted(value.bytes, to: &output) }

    /// A number, duration or time: bare unless it has spaces or the like.
    mutating func writeLiteral(_ text: String) {
        let isBare = text.utf8.allSatisfy {
            $0.isWordByte || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+")
                || $0 == UInt8(ascii: ":")
        }
        if isBare { write(text) } else { writeQuoted(ByteString(text)) }
    }

    /// The star of a prefix stands within the quotes.
    mutating func writePattern(_ pattern: FieldPattern) {
        guard pattern.isPrefix else { return writeName(pattern.name) }
        let text = ByteString(pattern.name.bytes + [UInt8(ascii: "*")])
        let isBare = QuotedText.isBare(pattern.name.bytes) && !Keywords.isReserved(pattern.name.string.lowercased())
        if isBare || pattern.name.isEmpty { output += text.bytes } else { writeQuoted(text) }
    }

    mutating func writeList<Element>(
        _ elements: [Element], separator: String = ", ", with write: (inout QueryPrinter, Element) -> Void
    ) {
        for (index, element) in elements.enumerated() {
            if index > 0 { self.write(separator) }
            write(&self, element)
        }
    }

    mutating func writeNames(_ names: [ByteString]) { writeList(names) { $0.writeName($1) } }
    mutating func writeDuration(_ nanoseconds: Int64) { DurationText.append(nanoseconds, to: &output) }
    mutating func writePatterns(_ patterns: [FieldPattern]) { writeList(patterns) { $0.writePattern($1) } }

    mutating func writeQuery(_ query: Query) {
        writeOptions(query.options)
        writeFilter(query.filter)
        for pipe in query.pipes {
            write(" | ")
            writePipe(pipe)
        }
    }

    private mutating func writeOptions(_ options: QueryOptions) {
        var settings: [String] = []
        if let value = options.concurrency { settings.append("concurrency=\(value)") }
        if let value = options.parallelReaders { settings.append("parallel_readers=\(value)") }
        if let value = options.ignoresGlobalTimeFilter { settings.append("ignore_global_time_filter=\(value)") }
        if let value = options.allowsPartialResponse { settings.append("allow_partial_response=\(value)") }
        if let value = options.timeOffset { settings.append("time_offset=\(value.text)") }
        if !settings.isEmpty { write("options(" + settings.joined(separator: ", ") + ") ") }
    }
}

extension Query: CustomStringConvertible {
    /// The canonical form. O(length).
    public var description: String {
        var printer = QueryPrinter()
        printer.writeQuery(self)
        return printer.text
    }
}

extension Filter: CustomStringConvertible {
    public var description: String {
        var printer = QueryPrinter()
        printer.writeFilter(self)
        return printer.text
    }
}

extension Pipe: CustomStringConvertible {
    public var description: String {
        var printer = QueryPrinter()
        printer.writePipe(self)
        return printer.text
    }
}

extension StatsFunction: CustomStringConvertible {
    public var description: String {
        var printer = QueryPrinter()
        printer.writeStatsFunction(self)
        return printer.text
    }
}

extension MathExpression: CustomStringConvertible {
    public var description: String {
        var printer = QueryPrinter()
        printer.writeMath(self)
        return printer.text
    }
}

extension StatsColumn {
    /// What a result is called that the query does not name.
    static func defaultName(_ function: StatsFunction, _ condition: Filter?) -> String {
        var printer = QueryPrinter()
        printer.writeStatsFunction(function)
        printer.writeCondition(condition)
        return printer.text
    }
}
