import ArgumentParser
import Bytes
import Templates

/// `plumb patterns`: the templates behind the lines of a file.
struct PatternsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "patterns",
        abstract: "Mine the templates behind the lines of a file, most frequent first.",
        discussion: "Example: plumb patterns /var/log/syslog")

    @Argument(help: "A file of lines, or - for standard input.")
    var file: String
    @Flag(help: "Print TEMPLATE_NUMBER<TAB>LINE for every line, in order.")
    var assign = false

    func run() throws {
        let input = try Input.unpacked(file)
        let report = PatternReport(lines: input.rawSpan)
        if assign { return printAssignments(input, report) }
        var table = Table(["template", "lines", "share", "text"], rightAligned: [0, 1, 2])
        for template in report.templates {
            let share = Numbers.fixed(100 * report.share(of: template), 2) + " %"
            table.add(["\(template.number)", Numbers.grouped(template.count), share, template.text.string])
        }
        for line in table.lines() { Terminal.print(line) }
    }

    private func printAssignments(_ input: [UInt8], _ report: PatternReport) {
        var output: [UInt8] = []
        var line = 0
        PatternReport.forEachLine(input.rawSpan) { text in
            output.append(contentsOf: String(report.numbers[line]).utf8)
            output.append(UInt8(ascii: "\t"))
            output.append(copying: text)
            output.append(UInt8(ascii: "\n"))
            line += 1
            if output.count >= Input.chunkBytes {
                Terminal.output(output)
                output.removeAll(keepingCapacity: true)
            }
        }
        Terminal.output(output)
    }
}
