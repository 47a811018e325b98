import Store

extension StoreStatistics {
    /// Bytes on disk: segments and what the journal alone still holds.
    var storedBytes: Int { segmentBytes + journal.fileBytes }
}
