import Synchronization

/// What an agent has done so far.
public struct ShipProgress: Sendable, Equatable {
    /// Records sent, repetitions not counted.
    public var sentRecords = 0
    /// Records that the server has durable, or has refused.
    public var acknowledgedRecords = 0
    public var refusedRecords = 0
    /// Bytes of the records sent.
    public var sentBytes = 0
    /// Bytes that wait in the files.
    public var backlogBytes = 0
    /// Bytes that were sent and are not acknowledged.
    public var unacknowledgedBytes = 0
    /// Connections that were made.
    public var connections = 0

    public init() {}
}

/// Why shipping could not go on.
public enum ShipError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The server ended the connection and said why.
    case refused(String)
    case protocolViolation(String)
    /// No answer within `Limits.answerSeconds`.
    case silent
    /// The server closed the connection.
    case closed

    public var description: String {
        switch self {
        case .refused(let reason): "the server says: \(reason)"
        case .protocolViolation(let reason): "the server answered \(reason)"
        case .silent: "the server does not answer"
        case .closed: "the server closed the connection"
        }
    }
}
