import Bytes

extension RecordBatch.Slice: BitwiseCopyable {}

extension [RecordBatch.Slice] {
    /// The slices as pairs of 32-bit numbers, offset and length, for `SliceKernels`. O(1).
    public var rawSpan: RawSpan {
        @_lifetime(borrow self)
        get {
            // Two 32-bit numbers have no padding, which is what `bytes` is unsafe for.
            unsafe span.bytes
        }
    }
}
