import Intake
import Records
import Testing

@Suite struct ProtocolTests {
    @Test func helloComesBack() throws {
        var hello = Hello(agent: "web-1 \"é\"", first: 17)
        hello.tenant = Tenant(account: 3, project: 4)
        hello.timeField = "t"
        hello.extraFields = "a=b,c=d"
        #expect(try Hello(parsing: Array(hello.line.dropLast())) == hello)
        #expect(try Hello(parsing: Array(Hello(agent: "x").line.dropLast())) == Hello(agent: "x"))
    }

    @Test(arguments: [
        Reply.welcome(agent: "a", last: 0), .acknowledgement(12, rejected: 0, examples: []), .failure("no \"room\"\n"),
        .acknowledgement(
            .init(Int64.max), rejected: 2, examples: [.init(record: 5, reason: "why", sample: "{\"x\u{1}\\")]),
    ])
    func repliesComeBack(reply: Reply) {
        #expect(Reply(parsing: Array(reply.line.dropLast())) == reply)
        #expect(reply.line.filter { $0 == 0x0A }.count == 1)
    }

    @Test(arguments: ["", "{}", "[]", "{\"ack\":-1}", "{\"ack\":\"1\"}", "{\"last\":1}", "x"])
    func ignoresUnknownReplies(line: String) {
        #expect(Reply(parsing: Array(line.utf8)) == nil)
    }
}
