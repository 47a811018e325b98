/// Why a server cannot listen where it was told to.
public struct ListenError: Error, CustomStringConvertible {
    public let description: String

    /// - Parameter place: what wanted to listen, and where: `TCP on 127.0.0.1:7781`.
    public init(_ place: String, _ reason: any Error) {
        description = "\(place): \(NetworkErrorText.text(of: reason))"
    }
}
