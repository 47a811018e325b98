extension CorpusWriter {
    /// The built-in corpora.
    public static let names = ["retail", "platform", "reports", "bank"]

    /// A scenario's own number of rows, when none is asked for.
    public var defaultRows: Int { scenario.defaultRows }
    /// One line about what the corpus shows.
    public var summary: String { scenario.summary }

    static func scenarioFile(_ name: String) -> [UInt8]? {
        switch name {
        case "retail": PackageResources.retail_json
        case "platform": PackageResources.platform_json
        case "reports": PackageResources.reports_json
        case "bank": PackageResources.bank_json
        default: nil
        }
    }
}
