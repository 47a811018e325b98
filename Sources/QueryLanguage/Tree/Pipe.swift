import Bytes

/// One step after a `|`.
public enum Pipe: Hashable, Sendable {
    /// `block_stats`: what each block stores, a row a field.
    case blockStats
    /// `blocks_count [as name]`.
    case blocksCount(result: ByteString)
    case collapseNumbers(CollapseNumbersPipe)
    /// `compare`: what changed between two windows. Ours.
    case compare(ComparePipe)
    /// `copy a as b, c* as d*`.
    case copy([FieldMapping])
    /// `decolorize [field]`: drops ANSI colour codes.
    case decolorize(ByteString)
    case delete([FieldPattern])
    case dropEmptyFields
    case extract(ExtractPipe)
    case extractRegexp(ExtractPipe)
    case facets(FacetsPipe)
    /// `field_names [as name]`: rows of name and `hits`.
    case fieldNames(result: ByteString)
    /// `field_values field [limit n]`; 0 is no limit.
    case fieldValues(ByteString, limit: UInt64)
    case fields([FieldPattern])
    case filter(Filter)
    /// `first n by (…)`.
    case first(ExtremesPipe)
    case format(FormatPipe)
    /// `generate_sequence n`: replaces its input by `n` rows whose `_msg` is 0…n-1.
    case generateSequence(UInt64)
    case hash(UnaryPipe)
    case join(JoinPipe)
    case jsonArrayLength(UnaryPipe)
    /// `last n by (…)`.
    case last(ExtremesPipe)
    /// `len(field) as name`: bytes.
    case length(UnaryPipe)
    case limit(UInt64)
    case math([MathAssignment])
    case offset(UInt64)
    case packJSON(PackPipe)
    case packLogfmt(PackPipe)
    /// `patterns`: mined templates with counts. Ours.
    case patterns(PatternsPipe)
    /// `query_stats`: what the query read and took, as one row.
    case queryStats
    case rename([FieldMapping])
    case replace(ReplacePipe)
    case replaceRegexp(ReplacePipe)
    case runningStats(StatsPipe)
    /// `sample n`: each row with probability 1/n.
    case sample(UInt64)
    case sort(SortPipe)
    case split(SplitPipe)
    case stats(StatsPipe)
    case streamContext(StreamContextPipe)
    case timeAdd(TimeAddPipe)
    case top(TopPipe)
    case totalStats(StatsPipe)
    /// `trace`: all records that share an identifier with the matches. Ours.
    case trace(TracePipe)
    /// `union (query)`.
    case union(Query)
    case uniq(UniqPipe)
    case unpackJSON(UnpackPipe)
    case unpackLogfmt(UnpackPipe)
    case unpackSyslog(UnpackPipe)
    case unpackWords(UnpackWordsPipe)
    case unroll(UnrollPipe)
}
