import Foundation

enum Environment {
    /// Whether golden files are to be written anew.
    static let writesGolden = ProcessInfo.processInfo.environment["PLUMB_WRITE_GOLDEN"] != nil
}
