import Bytes
import Machine
import Records

/// What an agent remembers of one path between runs: its lasting name, and the files that it has begun and not seen
/// acknowledged to their end.
struct ShipState: Sendable, Equatable {
    var path: String
    var agent: String
    /// Oldest first; none before the first record is sent.
    var legs: [ShipLeg] = []

    static let version: Int64 = 2

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
        guard let agent = tree["agent"]?.text, let files = tree["files"]?.elements else {
            throw damaged("the saved place lacks its agent or files")
        }
        var state = ShipState(path: path, agent: agent)
        for file in files {
            guard let leg = leg(file) else { throw damaged("a file of the saved place cannot be read") }
            state.legs.append(leg)
        }
        return state
    }

    private static func leg(_ tree: JSONValue) -> ShipLeg? {
        func number(_ name: String) -> UInt64? { tree[name]?.text.flatMap { UInt64($0) } }
        func count(_ name: String) -> Int? { tree[name]?.integer.flatMap { $0 >= 0 ? Int($0) : nil } }
        guard let device = number("device"), let inode = number("inode"), let hash = number("headHash"),
            let first = number("number"), let offset = count("offset"), let length = count("headBytes"),
            length <= FileFingerprint.maximumLength
        else { return nil }
        let place = FilePlace(
            identity: FileIdentity(device: device, inode: inode), offset: offset,
            fingerprint: FileFingerprint(length: length, hash: hash), birth: tree["birth"]?.integer ?? 0)
        return ShipLeg(place: place, number: first, end: count("end"))
    }

    private static func tree(_ leg: ShipLeg) -> JSONValue {
        var members = [
            JSONMember("device", .string(String(leg.place.identity.device))),
            JSONMember("inode", .string(String(leg.place.identity.inode))),
            JSONMember("birth", .number(String(leg.place.birth))),
            JSONMember("headBytes", .number(String(leg.place.fingerprint.length))),
            JSONMember("headHash", .string(String(leg.place.fingerprint.hash))),
            JSONMember("offset", .number(String(leg.place.offset))),
            JSONMember("number", .string(String(leg.number))),
        ]
        if let end = leg.end { members.append(JSONMember("end", .number(String(end)))) }
        return .object(members)
    }

    /// Replaces the saved state; durable when it returns.
    func save(in directory: String, _ system: any FileSystem) throws {
        let members = [
            JSONMember("version", .number(String(Self.version))), JSONMember("path", .string(path)),
            JSONMember("agent", .string(agent)), JSONMember("files", .array(legs.map(Self.tree))),
        ]
        try system.replace(Self.file(for: path, in: directory), with: protocolLine(members).rawSpan)
    }
}
