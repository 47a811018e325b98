import Foundation
import Testing

/// A baseline of a window that is over, from the records that the server stored.
@Suite(.serialized) struct PastBaselineTests {
    /// Of every five minutes so many rows of one service.
    private func lines(_ buckets: Range<Int>, from start: Date, each: Int) -> String {
        let format = ISO8601DateFormatter()
        return buckets.flatMap { bucket in
            (0..<each).map { row in
                let time = format.string(from: start.addingTimeInterval(Double(bucket * 300 + row * (300 / each))))
                return """
                    {"_time":"\(time)","_msg":"served \(row)","service":"cart","duration_ms":\(10 + row % 3)}

                    """
            }
        }.joined()
    }

    @Test func aPastWindowIsKeptAndComparedWith() async throws {
        let folder = try Folder()
        var server = try RunningServer(data: folder("data"), folder: folder)
        // Eight hours that ended a while ago: twice the records in the last three.
        let hour = (Date().timeIntervalSince1970 / 3_600).rounded(.down)
        let start = Date(timeIntervalSince1970: (hour - 9) * 3_600)
        let change = start.addingTimeInterval(5 * 3_600)
        for hour in 0..<8 {
            let rows = lines(hour * 12..<hour * 12 + 12, from: start, each: hour < 5 ? 20 : 40)
            _ = try await Program.post(server.url + "/insert/jsonline", rows)
        }
        #expect(try Program.run(["flush", "--server", server.url]).code == 0)
        func baseline(_ arguments: String...) throws -> (output: String, errors: String, code: Int32) {
            try Program.run(["baseline"] + arguments + ["--server", server.url])
        }
        let (first, last) = (ISO8601DateFormatter().string(from: start), ISO8601DateFormatter().string(from: change))
        let kept = try baseline("before", "--freeze", "--start", first, "--end", last)
        #expect(kept.code == 0 && kept.output.contains("before"), "\(kept.errors)")
        #expect(try baseline().output.contains("before"))

        let early = ISO8601DateFormatter().string(from: start.addingTimeInterval(-86_400))
        let none = try baseline("none", "--freeze", "--start", early, "--end", first)
        #expect(none.code != 0 && none.errors.contains("of 0 records"), "\(none.errors)")
        #expect(try baseline("none", "--freeze", "--start", last, "--end", first).code != 0)
        #expect(try baseline("before", "--start", first).code != 0)

        let found = try baseline("before")
        #expect(found.code == 0, "\(found.errors)")
        let row = try #require(found.output.split(separator: "\n").first { $0.contains("records{service=\"cart\"}") })
        let numbers = row.split(separator: " ").compactMap { Double($0) }
        // Observed, frozen, living, standard errors.
        #expect(numbers.count == 4 && numbers[0] > 30 && abs(numbers[1] - 20) < 3, "\(row)")

        #expect(server.program.terminate() == 0)
        server = try RunningServer(data: folder("data"), folder: folder, number: 1)
        #expect(try baseline("before").output.contains("records{service=\"cart\"}"))
        #expect(server.program.terminate() == 0)
    }
}
