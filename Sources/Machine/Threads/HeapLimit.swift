import CKernels

/// How many heaps the C allocator may keep for its threads.
///
/// Without a bound it keeps eight for every core, and what a thread frees in one of them is of no use to the others: a
/// server whose batches travel from thread to thread holds several times what it uses.
public func limitHeaps(to count: Int32) {
    // Refused only for a count below 1, and then nothing changes.
    _ = plumb_limit_heaps(count)
}
