import Machine
import NIOCore
import NIOPosix

/// What people are told of an error of the network: what the system said, without the call that it was said to.
public enum NetworkErrorText {
    public static func text(of error: any Error) -> String {
        switch error {
        case let error as IOError: FileError.text(of: error.errnoCode)
        case let error as NIOConnectionError: text(of: error)
        default: "\(error)"
        }
    }

    private static func text(of error: NIOConnectionError) -> String {
        let place = "\(error.host):\(error.port)"
        if let failed = error.connectionErrors.last { return "\(place): \(text(of: failed.error))" }
        guard let unknown = error.dnsAError ?? error.dnsAAAAError else { return "\(error)" }
        return "\(place): \(unknown)"
    }
}
