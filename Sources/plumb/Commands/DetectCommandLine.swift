import ArgumentParser
import Deviations

/// `plumb detect`: the streaming detector over a file of numbers.
struct DetectCommandLine: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detect",
        abstract: "Judge a CSV of one series, or of many, with the streaming detector.",
        discussion: """
            Prints timestamp,value,expectedLow,expectedHigh,score,deviation a row, in the input's order. A row is \
            judged by itself and the rows before it alone.

            Example: plumb detect latency.csv --time timestamp --value value
            """)

    @Argument(help: "A CSV file with a header, or - for standard input.")
    var file: String
    @Option(help: "The column of times.")
    var time: String?
    @Option(help: "The column of values.")
    var value: String?
    @Option(help: "The column that tells series apart.")
    var series: String?

    func run() throws {
        let command = DetectCommand(timeColumn: time, valueColumn: value, seriesColumn: series)
        let input = try Input.all(file)
        do {
            Terminal.output(try command.run(input))
        } catch {
            throw CommandFailure.wrong("\(file): \(error)")
        }
    }
}
