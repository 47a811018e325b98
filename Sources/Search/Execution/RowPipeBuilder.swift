import Bytes
import QueryLanguage
import Records

/// Pipes that compute fields of a row from others of the row.
struct RowPipeBuilder {
    let context: QueryContext

    func stages(_ pipe: Pipe) throws -> [Stage]? {
        if let transform = try unary(pipe) ?? computed(pipe) ?? unpacking(pipe) { return [.transform(transform)] }
        return nil
    }

    private func regexp(_ pattern: ByteString) throws -> Regexp {
        do { return try Regexp(pattern) } catch {
            throw SearchError.regexp(pattern: error.pattern, reason: error.reason)
        }
    }

    /// One field from one other.
    private func unary(_ pipe: Pipe) throws -> (any ChunkTransform)? {
        switch pipe {
        case .collapseNumbers(let pipe):
            let collapser = NumberCollapser(prettifies: pipe.prettifies)
            return UnaryTransform(
                source: pipe.field, target: pipe.field, condition: try pipe.condition.map(context.compile),
                function: { collapser.collapse($0, &$1) })
        case .decolorize(let field):
            return UnaryTransform(source: field, target: field) { TextFunctions.decolorize($0, &$1) }
        case .replace(let pipe):
            return UnaryTransform(
                source: pipe.field, target: pipe.field, condition: try pipe.condition.map(context.compile),
                function: {
                    TextFunctions.replace($0, pipe.old.bytes, pipe.new.bytes, limit: Int(clamping: pipe.limit), &$1)
                })
        case .replaceRegexp(let pipe):
            let expression = try regexp(pipe.old)
            let template = RegexpTemplate(pipe.new, expression)
            return UnaryTransform(
                source: pipe.field, target: pipe.field, condition: try pipe.condition.map(context.compile),
                function: { TextFunctions.replace($0, expression, template, limit: Int(clamping: pipe.limit), &$1) })
        case .length(let pipe):
            return UnaryTransform(source: pipe.field, target: pipe.result) {
                NumberText.append(Int64($0.byteCount), to: &$1)
            }
        case .hash(let pipe):
            // Of the hash, what a double holds.
            return UnaryTransform(source: pipe.field, target: pipe.result) {
                NumberText.append(XXHash64.hash($0) & 0x1F_FFFF_FFFF_FFFF, to: &$1)
            }
        case .jsonArrayLength(let pipe):
            return UnaryTransform(source: pipe.field, target: pipe.result) { TextFunctions.jsonArrayLength($0, &$1) }
        case .split(let pipe):
            return UnaryTransform(source: pipe.field, target: pipe.result) {
                TextFunctions.split($0, pipe.separator.bytes, &$1)
            }
        case .unpackWords(let pipe):
            return UnaryTransform(source: pipe.field, target: pipe.result) { text, output in
                let words = Words.ranges(text).map { ByteString(text.slice($0.lowerBound, $0.count)) }
                var seen: Set<ByteString> = []
                TextFunctions.appendArray(words.filter { !pipe.dropsDuplicates || seen.insert($0).inserted }, &output)
            }
        default: return nil
        }
    }

    private func computed(_ pipe: Pipe) throws -> (any ChunkTransform)? {
        switch pipe {
        case .extract(let pipe):
            guard let pattern = ExtractMatcher(pipe.pattern) else { throw SearchError.unsupported("this pattern") }
            return ExtractTransform(
                source: pipe.field, fields: pattern.fields, condition: try pipe.condition.map(context.compile),
                overwrite: pipe.overwrite, match: { pattern.match($0) })
        case .extractRegexp(let pipe):
            let (fields, match) = ExtractTransform.regexp(try regexp(pipe.pattern))
            return ExtractTransform(
                source: pipe.field, fields: fields, condition: try pipe.condition.map(context.compile),
                overwrite: pipe.overwrite, match: match)
        case .format(let pipe):
            return FormatTransform(
                pattern: FormatPattern(pipe.pattern), result: pipe.result,
                condition: try pipe.condition.map(context.compile),
                overwrite: pipe.overwrite)
        case .math(let assignments):
            return MathTransform(assignments: assignments, now: context.now, random: RandomSource(seed: context.now))
        case .packJSON(let pipe): return PackTransform(form: .json, fields: pipe.fields, result: pipe.result)
        case .packLogfmt(let pipe): return PackTransform(form: .logfmt, fields: pipe.fields, result: pipe.result)
        case .sample(let interval): return SampleTransform(interval: interval, random: RandomSource(seed: context.now))
        case .timeAdd(let pipe): return TimeAddTransform(nanoseconds: pipe.duration.nanoseconds, field: pipe.field)
        default: return nil
        }
    }

    private func unpacking(_ pipe: Pipe) throws -> (any ChunkTransform)? {
        func unpack(
            _ pipe: UnpackPipe, _ fields: @escaping @Sendable (RawSpan) -> [(name: ByteString, value: ByteString)]?
        ) throws -> UnpackTransform {
            UnpackTransform(
                pipe: pipe, condition: try pipe.condition.map(context.compile), budget: context.budget, fields: fields)
        }
        switch pipe {
        case .unpackJSON(let pipe):
            return try unpack(pipe) {
                JSONReader.fields($0, preserved: pipe.preservedKeys)
            }
        case .unpackLogfmt(let pipe):
            return try unpack(pipe) {
                LogfmtReader.fields($0)
            }
        case .unpackSyslog(let pipe):
            let reader = SyslogReader(now: context.now, offsetNanoseconds: pipe.timeOffset?.nanoseconds ?? 0)
            return try unpack(pipe) { reader.fields($0) }
        case .unroll(let pipe):
            return UnrollTransform(fields: pipe.fields, condition: try pipe.condition.map(context.compile))
        default: return nil
        }
    }
}
