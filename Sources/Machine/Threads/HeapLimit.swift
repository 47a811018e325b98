import CKernels

/// How many heaps the C allocator may keep for its threads.
///
/// Without a bound it keeps eight for every core, and what a thread frees in one of them is of no use to the others: a
/// server whose batches travel from thread to thread holds several times what it uses.
public func limitHeaps(to count: Int32) {
    // Refused only for a count below 1, and then nothing changes.
    _ = plumb_limit_heaps(count)
}

/// Lets the C allocator keep what a query has freed for the next one.
///
/// With its own settings it gives every large buffer back to the system, which then hands out other pages, zeroed and
/// mapped one by one: a fifth to a third of the time of queries that group millions of rows. `bytes` is what each heap
/// keeps at most; `FreeMemory.giveBack` still returns all of it.
public func keepFreeMemory(upTo bytes: Int32) {
    // Refused only for values that the allocator cannot hold, and then nothing changes.
    _ = plumb_keep_free_memory(bytes, bytes / 2)
}
