import Formats
import Hummingbird
import Records

/// How a request wants its records read: the arguments as VictoriaLogs names them, in the address or in headers.
struct InsertOptions {
    let parameters: Parameters
    let parse: ParseOptions
    /// Nothing is stored; the answer shows the first records as they would be.
    let isTrial: Bool

    init(_ request: Request) throws {
        let parameters = Parameters(request)
        func argument(_ name: String, header: String) -> String? {
            parameters[name] ?? request.headers.value(header)
        }
        let extraFields = argument("extra_fields", header: "VL-Extra-Fields")
        if let wrong = extraFields?.split(separator: ",").first(where: { !$0.contains("=") || $0.hasPrefix("=") }) {
            throw AnswerError(.badRequest, "extra_fields must be name=value, name=value …, not \"\(wrong)\"")
        }
        parse = ParseOptions(
            timeField: argument("_time_field", header: "VL-Time-Field"),
            messageField: argument("_msg_field", header: "VL-Msg-Field"),
            streamFields: argument("_stream_fields", header: "VL-Stream-Fields"),
            ignoreFields: argument("ignore_fields", header: "VL-Ignore-Fields"),
            extraFields: extraFields, tenant: try Tenant(request.headers))
        isTrial = parameters.flag("debug") || ["1", "true"].contains(request.headers.value("VL-Debug"))
        self.parameters = parameters
    }
}
