extension Tenant {
    /// The name under which the numbering of a tenant's agent is kept, so that agents of two tenants never share one:
    /// `ACCOUNT:PROJECT/NAME`, and for `0:0` the name itself unless it could be taken for one of those. O(length).
    public func numbering(of agent: String) -> String {
        self == .main && !Self.isQualified(agent) ? agent : "\(self)/\(agent)"
    }

    /// Whether a name begins as `digits:digits/`.
    private static func isQualified(_ name: String) -> Bool {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let account = name.utf8.prefix { digits.contains($0) }
        guard !account.isEmpty, account.endIndex < name.utf8.endIndex,
            name.utf8[account.endIndex] == UInt8(ascii: ":")
        else { return false }
        let rest = name.utf8[name.utf8.index(after: account.endIndex)...]
        let project = rest.prefix { digits.contains($0) }
        return !project.isEmpty && rest.dropFirst(project.count).first == UInt8(ascii: "/")
    }
}

extension SourceMark {
    /// The same mark with its agent's name made unique among tenants.
    public func numbered(in tenant: Tenant) -> SourceMark {
        SourceMark(agent: tenant.numbering(of: agent), lastSequence: lastSequence)
    }
}
