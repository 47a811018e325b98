import Bytes

/// Pipes that make values from values.
extension QueryPrinter {
    mutating func writeExtract(_ name: String, _ extract: ExtractPipe) {
        write(name)
        writeCondition(extract.condition)
        write(" ")
        writeValue(extract.pattern)
        writeFieldAfter("", " from ", extract.field)
        writeOverwrite(extract.overwrite)
    }

    mutating func writeFormat(_ format: FormatPipe) {
        write("format")
        writeCondition(format.condition)
        write(" ")
        writeValue(format.pattern)
        writeFieldAfter("", " as ", format.result)
        writeOverwrite(format.overwrite)
    }

    mutating func writePack(_ name: String, _ pack: PackPipe) {
        write(name)
        writeFieldList(pack.fields)
        writeFieldAfter("", " as ", pack.result)
    }

    mutating func writeReplace(_ name: String, _ replace: ReplacePipe) {
        write(name)
        writeCondition(replace.condition)
        write(" (")
        writeValue(replace.old)
        write(", ")
        writeValue(replace.new)
        write(")")
        writeFieldAfter("", " at ", replace.field)
        writeLimit(replace.limit)
    }

    mutating func writeUnpack(_ name: String, _ unpack: UnpackPipe) {
        write(name)
        writeCondition(unpack.condition)
        writeFieldAfter("", " from ", unpack.field)
        writeFieldList(unpack.fields)
        writeBy(unpack.preservedKeys, " preserve_keys (")
        if let offset = unpack.timeOffset {
            write(" offset ")
            writeLiteral(offset.text)
        }
        if !unpack.resultPrefix.isEmpty {
            write(" result_prefix ")
            writeValue(unpack.resultPrefix)
        }
        writeOverwrite(unpack.overwrite)
    }

    mutating func writeUnpackWords(_ unpack: UnpackWordsPipe) {
        write("unpack_words")
        writeFieldAfter("", " from ", unpack.field)
        writeFieldAfter("", " as ", unpack.result, default: unpack.field)
        if unpack.dropsDuplicates { write(" drop_duplicates") }
    }

    private mutating func writeFieldList(_ fields: [FieldPattern]) {
        guard !fields.isEmpty else { return }
        write(" fields (")
        writePatterns(fields)
        write(")")
    }
}
