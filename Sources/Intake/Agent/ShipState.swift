import Bytes
import Machine
import Records

/// What an agent remembers of one path between runs: its lasting name, how far its numbering is acknowledged, and the
/// place in the file that belongs to it.
struct ShipState: Sendable, Equatable {
    var path: String
    var agent: String
    var number: UInt64 = 0
    var place: FilePlace?

    static let version: Int64 = 1

    /// The file that holds the state of a path.
    static func file(for path: String, in directory: String) -> String {
        let hash = String(hash64(Array(path.utf8).rawSpan), radix: 16)
        return "\(directory)/\(String(repeating: "0", count: 16 - hash.count))\(hash).place"
    }

    /// Reads the state; nil if there is none. A damaged one is an error: to begin anew would send everything again.
    static func load(_ path: String, in directory: String, _ system: any FileSystem) throws -> ShipState? {
        let name = file(for: path, in: directory)
        guard system.exists(name) else { return nil }
        let bytes = try system.readAll(name)
        func damaged(_ reason: String) -> CorruptionError { CorruptionError(reason, offset: 0, file: name) }
        guard let tree = try? JSONValue(parsing: bytes) else { throw damaged("the saved place is no JSON") }
        guard tree["version"]?.integer == version else { throw damaged("the saved place has another version") }
        guard tree["path"]?.text == path else { throw damaged("the saved place is of another path") }
        guard let agent = tree["agent"]?.text, let number = tree["number"]?.integer, number >= 0 else {
            throw damaged("the saved place lacks its agent or number")
        }
        var state = ShipState(path: path, agent: agent, number: UInt64(number))
        if let device = tree["device"]?.text.flatMap({ UInt64($0) }),
            let inode = tree["inode"]?.text.flatMap({ UInt64($0) }),
            let offset = tree["offset"]?.integer
        {
            state.place = FilePlace(identity: FileIdentity(device: device, inode: inode), offset: Int(offset))
        }
        return state
    }

    /// Replaces the saved state; durable when it returns.
    func save(in directory: String, _ system: any FileSystem) throws {
        var members = [
            JSONMember("version", .number(String(Self.version))), JSONMember("path", .string(path)),
            JSONMember("agent", .string(agent)), JSONMember("number", .number(String(number))),
        ]
        if let place {
            members += [
                JSONMember("device", .string(String(place.identity.device))),
                JSONMember("inode", .string(String(place.identity.inode))),
                JSONMember("offset", .number(String(place.offset))),
            ]
        }
        try system.replace(Self.file(for: path, in: directory), with: protocolLine(members).rawSpan)
    }
}
