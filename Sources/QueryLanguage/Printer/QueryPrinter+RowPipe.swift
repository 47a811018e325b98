import Bytes

/// Pipes that choose, order and join rows.
extension QueryPrinter {
    mutating func writeSort(_ sort: SortPipe) {
        write("sort")
        if !sort.keys.isEmpty {
            write(" by (")
            writeKeys(sort.keys)
            write(")")
        }
        if sort.isDescending { write(" desc") }
        writeBy(sort.partition, " partition by (")
        if sort.offset > 0 { write(" offset \(sort.offset)") }
        writeLimit(sort.limit)
        writeRank(sort.rank)
    }

    mutating func writeExtremes(_ name: String, _ extremes: ExtremesPipe) {
        write(extremes.count == 1 ? name : "\(name) \(extremes.count)")
        if !extremes.keys.isEmpty {
            write(" by (")
            writeKeys(extremes.keys)
            write(")")
        }
        writeBy(extremes.partition, " partition by (")
        writeRank(extremes.rank)
    }

    mutating func writeTop(_ top: TopPipe) {
        write("top")
        if let count = top.countText {
            write(" ")
            writeLiteral(count)
        }
        writeBy(top.fields)
        if top.hits != "hits" {
            write(" hits as ")
            writeName(top.hits)
        }
        writeRank(top.rank)
    }

    mutating func writeUniq(_ uniq: UniqPipe) {
        write("uniq")
        writeBy(uniq.fields)
        if let hits = uniq.hits {
            write(" with hits")
            var usual: ByteString = "hits"
            while uniq.fields.contains(usual) { usual = ByteString(usual.bytes + [UInt8(ascii: "s")]) }
            if hits != usual {
                write(" as ")
                writeName(hits)
            }
        }
        writeLimit(uniq.limit)
    }

    mutating func writeFacets(_ facets: FacetsPipe) {
        let usual = FacetsPipe()
        write("facets")
        if facets.count != usual.count { write(" \(facets.count)") }
        if facets.maximumValuesPerField != usual.maximumValuesPerField {
            write(" max_values_per_field \(facets.maximumValuesPerField)")
        }
        if facets.maximumValueLength != usual.maximumValueLength {
            write(" max_value_len \(facets.maximumValueLength)")
        }
        if facets.keepsConstantFields { write(" keep_const_fields") }
    }

    mutating func writeStreamContext(_ context: StreamContextPipe) {
        write("stream_context")
        if context.before > 0 { write(" before \(context.before)") }
        if context.after > 0 || context.before == 0 { write(" after \(context.after)") }
        guard let window = context.window, window.nanoseconds != StreamContextPipe.defaultWindowNanoseconds else {
            return
        }
        write(" time_window ")
        writeDuration(window.nanoseconds)
    }

    mutating func writeJoin(_ join: JoinPipe) {
        write("join by (")
        writeNames(join.fields)
        write(") (")
        writeQuery(join.query)
        write(")")
        if join.isInner { write(" inner") }
        if !join.prefix.isEmpty {
            write(" prefix ")
            writeValue(join.prefix)
        }
    }

    mutating func writePatternsPipe(_ patterns: PatternsPipe) {
        write("patterns")
        if patterns.limit > 0 { write(" \(patterns.limit)") }
        writeFieldAfter("", " at ", patterns.field)
        writeBy(patterns.groups)
    }

    mutating func writeCompare(_ compare: ComparePipe) {
        write("compare")
        if compare.limit > 0 { write(" \(compare.limit)") }
        write(" with (")
        writeTimeForm(compare.baseline)
        write(")")
        if let current = compare.current {
            write(" and (")
            writeTimeForm(current)
            write(")")
        }
        guard !compare.fields.isEmpty else { return }
        write(" by (")
        writePatterns(compare.fields)
        write(")")
    }

    mutating func writeTrace(_ trace: TracePipe) {
        write("trace")
        writeBy(trace.fields)
        writeLimit(trace.limit)
    }
}
