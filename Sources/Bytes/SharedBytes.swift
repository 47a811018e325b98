import Synchronization

/// Immutable bytes that many readers hold at once: an array in memory, or a region that someone else maps and releases.
@safe
public final class SharedBytes: Sendable {
    // Immutable after init; the region stays valid until `release` runs in deinit.
    private nonisolated(unsafe) let region: UnsafeRawBufferPointer
    private let release: @Sendable () -> Void
    private let dropPages: (@Sendable (Range<Int>) -> Void)?
    private let countLosses: (@Sendable () -> Int)?
    /// Tells the object apart from all others of the process, those that are gone included.
    public let number: UInt64 = SharedBytes.numbers.add(1, ordering: .relaxed).newValue
    private static let numbers = Atomic<UInt64>(0)

    /// Copies the array once, to an address that lasts. O(count).
    public convenience init(_ array: [UInt8]) { self.init(copying: array.rawSpan) }

    /// The same for other bytes.
    public init(copying bytes: RawSpan) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.byteCount, alignment: 16)
        unsafe bytes.withUnsafeBytes { unsafe copy.copyMemory(from: $0) }
        nonisolated(unsafe) let region = UnsafeRawBufferPointer(copy)
        unsafe self.region = unsafe region
        release = { unsafe region.deallocate() }
        dropPages = nil
        countLosses = nil
    }

    /// Takes over a region: it must stay valid and unchanged until `release` is called, once, at the end, but for
    /// places that became zeros, whose number `losses` tells. `forget` may give memory back that the bytes of a range
    /// take, if they read the same afterwards.
    @unsafe
    public init(
        region: UnsafeRawBufferPointer, forget: (@Sendable (Range<Int>) -> Void)? = nil,
        losses: (@Sendable () -> Int)? = nil, release: @escaping @Sendable () -> Void
    ) {
        countLosses = losses
        dropPages = forget
        unsafe self.region = unsafe region
        self.release = release
    }

    deinit { release() }

    /// Says that a range was read and will not be needed soon, so that a mapped file's pages do not count as the
    /// process's memory any longer. The bytes stay readable.
    public func forget(_ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        dropPages?(range)
    }

    /// Rises with each place that turns out unreadable after the file was mapped; zeros stand there. It rises before
    /// and after such a zero can first be read: what was read between two equal answers, and was sound before, is
    /// sound. 0 of bytes in memory. O(1).
    public var losses: Int { countLosses?() ?? 0 }

    public var count: Int { unsafe region.count }

    /// The bytes, valid as long as this object.
    public var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            // The region outlives self by the contract of init.
            unsafe _overrideLifetime(RawSpan(_unsafeBytes: region), borrowing: self)
        }
    }
}
