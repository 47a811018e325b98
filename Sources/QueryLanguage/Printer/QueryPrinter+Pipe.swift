import Bytes
import Records

extension QueryPrinter {
    mutating func writePipe(_ pipe: Pipe) {
        switch pipe {
        case .blockStats: write("block_stats")
        case .blocksCount(let result): writeNamedResult("blocks_count", result, default: "blocks_count")
        case .copy(let mappings): writeMappings("copy ", mappings)
        case .decolorize(let field): writeFieldAfter("decolorize", " ", field)
        case .delete(let fields): writeFields("delete ", fields)
        case .dropEmptyFields: write("drop_empty_fields")
        case .fieldNames(let result): writeNamedResult("field_names", result, default: "name")
        case .fieldValues(let field, let limit):
            write("field_values ")
            writeName(field)
            writeLimit(limit)
        case .fields(let fields): writeFields("fields ", fields)
        case .filter(let filter):
            write("filter ")
            writeFilter(filter)
        case .generateSequence(let count): write("generate_sequence \(count)")
        case .hash(let unary): writeUnary("hash", unary)
        case .jsonArrayLength(let unary): writeUnary("json_array_len", unary)
        case .length(let unary): writeUnary("len", unary)
        case .limit(let count): write("limit \(count)")
        case .math(let assignments):
            write("math ")
            writeAssignments(assignments)
        case .offset(let count): write("offset \(count)")
        case .queryStats: write("query_stats")
        case .rename(let mappings): writeMappings("rename ", mappings)
        case .runningStats(let stats): writeStats("running_stats", stats)
        case .sample(let divisor): write("sample \(divisor)")
        case .stats(let stats): writeStats("stats", stats)
        case .totalStats(let stats): writeStats("total_stats", stats)
        default: writeRowPipe(pipe)
        }
    }

    private mutating func writeRowPipe(_ pipe: Pipe) {
        switch pipe {
        case .compare(let compare): writeCompare(compare)
        case .facets(let facets): writeFacets(facets)
        case .first(let extremes): writeExtremes("first", extremes)
        case .join(let join): writeJoin(join)
        case .last(let extremes): writeExtremes("last", extremes)
        case .patterns(let patterns): writePatternsPipe(patterns)
        case .sort(let sort): writeSort(sort)
        case .streamContext(let context): writeStreamContext(context)
        case .top(let top): writeTop(top)
        case .trace(let trace): writeTrace(trace)
        case .union(let query):
            write("union (")
            writeQuery(query)
            write(")")
        case .uniq(let uniq): writeUniq(uniq)
        default: writeValuePipe(pipe)
        }
    }

    private mutating func writeValuePipe(_ pipe: Pipe) {
        switch pipe {
        case .collapseNumbers(let collapse):
            write("collapse_nums")
            writeCondition(collapse.condition)
            writeFieldAfter("", " at ", collapse.field)
            if collapse.prettifies { write(" prettify") }
        case .extract(let extract): writeExtract("extract", extract)
        case .extractRegexp(let extract): writeExtract("extract_regexp", extract)
        case .format(let format): writeFormat(format)
        case .packJSON(let pack): writePack("pack_json", pack)
        case .packLogfmt(let pack): writePack("pack_logfmt", pack)
        case .replace(let replace): writeReplace("replace", replace)
        case .replaceRegexp(let replace): writeReplace("replace_regexp", replace)
        case .split(let split):
            write("split ")
            if split.separator == "as" || split.separator == "from" {
                writeQuoted(split.separator)
            } else {
                writeValue(split.separator)
            }
            writeFieldAfter("", " from ", split.field)
            writeFieldAfter("", " as ", split.result, default: split.field)
        case .timeAdd(let add):
            write("time_add ")
            writeLiteral(add.duration.text)
            writeFieldAfter("", " at ", add.field, default: StandardFields.time)
        case .unpackJSON(let unpack): writeUnpack("unpack_json", unpack)
        case .unpackLogfmt(let unpack): writeUnpack("unpack_logfmt", unpack)
        case .unpackSyslog(let unpack): writeUnpack("unpack_syslog", unpack)
        case .unpackWords(let unpack): writeUnpackWords(unpack)
        case .unroll(let unroll):
            write("unroll")
            writeCondition(unroll.condition)
            writeBy(unroll.fields)
        default: preconditionFailure("written by writePipe or writeRowPipe")
        }
    }

    // MARK: parts that several pipes share

    mutating func writeKeys(_ keys: [SortKey]) {
        writeList(keys) { printer, key in
            printer.writeName(key.field)
            if key.isDescending { printer.write(" desc") }
        }
    }

    /// ` by (a, b)`, or nothing for no names.
    mutating func writeBy(_ names: [ByteString], _ word: String = " by (") {
        guard !names.isEmpty else { return }
        write(word)
        writeNames(names)
        write(")")
    }

    mutating func writeLimit(_ limit: UInt64) { if limit > 0 { write(" limit \(limit)") } }

    mutating func writeRank(_ rank: ByteString?) {
        guard let rank else { return }
        writeFieldAfter(" rank", " as ", rank, default: "rank")
    }

    /// The name of the pipe and the field, which is left out if it is the usual one.
    mutating func writeFieldAfter(
        _ name: String, _ word: String, _ field: ByteString, default usual: ByteString = StandardFields.message
    ) {
        write(name)
        guard field != usual else { return }
        write(word)
        writeName(field)
    }

    mutating func writeOverwrite(_ rule: OverwriteRule) {
        if rule.keepsOriginal { write(" keep_original_fields") }
        if rule.skipsEmpty { write(" skip_empty_results") }
    }

    private mutating func writeNamedResult(_ name: String, _ result: ByteString, default usual: ByteString) {
        writeFieldAfter(name, " as ", result, default: usual)
    }

    private mutating func writeMappings(_ name: String, _ mappings: [FieldMapping]) {
        write(name)
        writeList(mappings) { printer, mapping in
            printer.writePattern(mapping.source)
            printer.write(" as ")
            printer.writePattern(mapping.target)
        }
    }

    private mutating func writeFields(_ name: String, _ fields: [FieldPattern]) {
        write(name)
        writePatterns(fields)
    }

    private mutating func writeUnary(_ name: String, _ unary: UnaryPipe) {
        write(name + "(")
        writeName(unary.field)
        writeFieldAfter(")", " as ", unary.result)
    }
}
