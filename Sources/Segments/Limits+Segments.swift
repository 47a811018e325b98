import Records

extension Limits {
    /// Bytes of a block's sections up to which they are tried compressed as a whole. A lookup in such a block unpacks
    /// all of it, a fraction of a millisecond; larger ones gain little.
    public static let packedBlockBytes = 96 << 10
    /// Bytes of unpacked blocks that are kept for the next question.
    public static let unpackedBlockBytes = 16 << 20
}
