/// Where the engine's state is kept: one value, replaced as a whole.
public protocol StateStorage: Sendable {
    /// The last saved bytes; nil if there are none.
    func load() throws -> [UInt8]?
    /// Returns once the bytes are durable and would be loaded after a crash.
    func save(_ bytes: [UInt8]) throws
}
