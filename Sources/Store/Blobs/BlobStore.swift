import Bytes

/// Where segments live: immutable objects with names. The local folder is the default; object storage fits the same
/// verbs.
public protocol BlobStore: Sendable {
    /// Stores what `write` hands to its sink, whole or not at all, durably. `FileError` with `.exists` if the name is
    /// taken. O(bytes).
    func put(_ name: String, _ write: (_ sink: (RawSpan) throws -> Void) throws -> Void) throws
    /// The object's bytes for reading in place; they stay readable after `delete`.
    func map(_ name: String) throws -> SharedBytes
    func read(_ name: String, _ range: Range<Int>) throws -> [UInt8]
    func size(of name: String) throws -> Int
    /// In byte order.
    func list() throws -> [String]
    /// No error if there is none.
    func delete(_ name: String) throws
    /// Puts the same object under the same name into another store; `FileError` with `.exists` if it has one.
    func copy(_ name: String, to other: any BlobStore) throws
    /// Removes what puts left behind that did not come to their end; for the start, when nobody writes.
    func removeUnfinished() throws
    /// How errors should name an object: its path or address.
    func address(of name: String) -> String
}

extension BlobStore {
    /// Bytes that a copy holds at a time.
    private static var copyBytes: Int { 1 << 20 }

    public func copy(_ name: String, to other: any BlobStore) throws {
        let size = try size(of: name)
        try other.put(name) { sink in
            for start in stride(from: 0, to: size, by: Self.copyBytes) {
                let bytes = try read(name, start..<min(start + Self.copyBytes, size))
                try sink(bytes.rawSpan)
            }
        }
    }
}
