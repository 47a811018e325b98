import Bytes
import Glibc

/// What a `CrashableFileSystem` knows: for bytes and names, how they look now, how they look on the platter, and the
/// changes between the two.
struct Disk: Sendable {
    enum Change: Sendable {
        case write(Int, [UInt8])
        case truncate(Int)
    }

    struct Node: Sendable {
        var current: [UInt8] = []
        var durable: [UInt8] = []
        /// What leads from `durable` to `current`, unless a sync failed in between.
        var pending: [Change] = []

        mutating func apply(_ change: Change) {
            Self.apply(change, to: &current)
            pending.append(change)
        }

        mutating func makeDurable() {
            for change in pending { Self.apply(change, to: &durable) }
            pending = []
        }

        static func apply(_ change: Change, to bytes: inout [UInt8]) {
            switch change {
            case .truncate(let size):
                if size < bytes.count { bytes.removeLast(bytes.count - size) }
                if size > bytes.count { bytes.append(contentsOf: [UInt8](repeating: 0, count: size - bytes.count)) }
            case .write(let offset, let run):
                let end = offset + run.count
                if end > bytes.count { bytes.append(contentsOf: [UInt8](repeating: 0, count: end - bytes.count)) }
                bytes.replaceSubrange(offset..<end, with: run)
            }
        }
    }

    enum NameChange: Sendable {
        case set(String, Int)
        case remove(String)
        case move(String, String, Int)

        func apply(to names: inout [String: Int]) {
            switch self {
            case .set(let path, let node): names[path] = node
            case .remove(let path): names[path] = nil
            case .move(let path, let target, let node):
                names[path] = nil
                names[target] = node
            }
        }

        var folder: String {
            switch self {
            case .set(let path, _), .remove(let path), .move(let path, _, _): parentDirectory(of: path)
            }
        }
    }

    struct Fault: Sendable {
        var operation: String
        var suffix: String
        var code: FileError.Code
        var times: Int
    }

    var capacity: Int
    var operations = 0
    var lastOperation = Int.max
    var faults: [Fault] = []
    var locks: Set<String> = []
    /// By number; a node without a name stays until the end, for files that are open still.
    var nodes: [Node] = []
    var folders: Set<String> = ["/", "."]
    var names: [String: Int] = [:]
    var durableNames: [String: Int] = [:]
    var pendingNames: [NameChange] = []

    init(capacity: Int) { self.capacity = capacity }

    var hasPower: Bool { operations < lastOperation }
    /// Bytes of all files that have a name.
    var used: Int { Set(names.values).reduce(0) { $0 + nodes[$1].current.count } }

    func refuseWithoutPower(_ operation: String, _ path: String) throws(FileError) {
        if !hasPower { throw FileError(.other(ESHUTDOWN), operation, path) }
    }

    /// Counts an operation; throws if it is to fail.
    mutating func begin(_ operation: String, _ path: String) throws(FileError) {
        try refuseWithoutPower(operation, path)
        operations += 1
        let hit = faults.firstIndex { $0.operation == operation && path.hasSuffix($0.suffix) && $0.times > 0 }
        guard let hit else { return }
        faults[hit].times -= 1
        throw FileError(faults[hit].code, operation, path)
    }

    mutating func change(_ change: NameChange) {
        change.apply(to: &names)
        pendingNames.append(change)
    }

    mutating func makeNamesDurable(in folder: String) {
        for change in pendingNames where change.folder == folder { change.apply(to: &durableNames) }
        pendingNames.removeAll { $0.folder == folder }
    }
}
