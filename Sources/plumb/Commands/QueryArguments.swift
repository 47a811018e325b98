/// Queries may begin with a minus sign, as options do: `plumb query '-level:error'`.
enum QueryArguments {
    private static let commands: Set<String> = ["query", "tail"]
    /// Options that take what follows as their value.
    private static let valued: Set<String> = [
        "--server", "--data", "--tenant", "--from", "--start", "--end", "--limit", "--format", "--repeat",
    ]

    /// The arguments with such a query behind `--`, where it is taken for what it is.
    static func rewritten(_ arguments: [String]) -> [String] {
        guard let command = arguments.first, commands.contains(command), !arguments.contains("--") else {
            return arguments
        }
        for index in arguments.indices.dropFirst() {
            let text = arguments[index]
            let isQuery = text.hasPrefix("-") && !text.hasPrefix("--") && text != "-" && text != "-h"
            guard isQuery, !valued.contains(arguments[index - 1]) else { continue }
            var others = arguments
            others.remove(at: index)
            return others + ["--", text]
        }
        return arguments
    }
}
