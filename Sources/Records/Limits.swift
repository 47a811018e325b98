/// Every bound of the engine that is not configured, in one place: name, unit, reason, and what the user sees there.
public enum Limits {
    /// Bytes of one record as it came. Larger ones are rejected with their line number; 2 MiB is what the shippers we
    /// serve send at most.
    public static let recordBytes = 2 << 20
    /// Fields of one record after flattening: a thousand beside its time and its message. A record with more is
    /// rejected; a thousand is a schema gone wrong.
    public static let fieldsPerRecord = 1_002
    /// Bytes of a field name. A record with a longer one is rejected.
    public static let fieldNameBytes = 1_024
    /// Nesting of objects and arrays in a record. Deeper ones are rejected, so that no input can exhaust the stack.
    public static let nestingDepth = 64
    /// Rows of one batch. A parser hands over its batch here; larger ones gain nothing and hold memory.
    public static let rowsPerBatch = 16_384
    /// Cells (rows × columns) of one batch: bounds the memory that sparse fields cost. A parser hands over its batch
    /// here.
    public static let cellsPerBatch = 1_000_000
    /// Values of one batch whose rows have few of many columns each, which are kept one by one, 16 bytes each, and its
    /// cells, of which an empty one takes a bit. A parser hands over its batch here.
    public static let valuesOfWideBatch = 512 << 10
    public static let cellsOfWideBatch = 32 << 20
    /// Bytes that a parser keeps while nobody uses it.
    public static let idleParserBytes = 16 << 20
    /// Arena bytes of one batch. A parser hands over its batch here.
    public static let bytesPerBatch = 16 << 20
    /// Examples of rejected lines kept for an answer; the rest are only counted.
    public static let rejectionExamples = 10
    /// Rows of one block in a sealed segment: the unit of reading, skipping and decoding. Fewer make lookups faster and
    /// rows larger (`Docs/Performance.md`); with this many the memory table at its usual size becomes some 30 blocks,
    /// as many as an identifier index tells apart one by one.
    public static let rowsPerBlock = 20_480
    /// Values in a block dictionary; a column with more distinct values is stored another way.
    public static let dictionaryValues = 65_536
}
