/// Whose records they are: `AccountID:ProjectID`. Tenants never see one another's records.
public struct Tenant: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var account: UInt32
    public var project: UInt32

    public init(account: UInt32, project: UInt32) {
        self.account = account
        self.project = project
    }

    /// `0:0`, where requests go that name none.
    public static let main = Tenant(account: 0, project: 0)

    public var description: String { "\(account):\(project)" }

    public static func < (left: Tenant, right: Tenant) -> Bool {
        (left.account, left.project) < (right.account, right.project)
    }
}
