import Bytes

/// Why a data folder cannot be opened.
public enum StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    case inUse(folder: String, processID: Int32?)
    case noFolder(String)
    case closed
    case badName(String)
    /// There are deletions, or one is asked for, and nobody who can read their filters.
    case noSelectors
    /// Why a filter that was kept can no longer be read.
    case badFilter(String, reason: String)
    case tooManyDeletions(limit: Int)
    /// An option out of its range, and which range that is.
    case badOption(String)

    public var description: String {
        switch self {
        case .inUse(let folder, let processID?):
            "the data folder \(folder) is in use by process \(processID); one server at a time may open it"
        case .inUse(let folder, nil): "the data folder \(folder) is in use by another process"
        case .noFolder(let folder): "there is no data folder \(folder)"
        case .badName(let name): "\"\(name)\" is no name for a snapshot: at most 255 letters, digits, - _ and ."
        case .badOption(let reason): reason
        case .noSelectors: "the filters of deletions cannot be read here"
        case .badFilter(let filter, let reason): "the filter \(filter) cannot be read: \(reason)"
        case .tooManyDeletions(let limit): "\(limit) deletions are going on; wait until some are done"
        case .closed: "the store is closed"
        }
    }
}
