import Alerts
import Testing

@Suite struct TemplateTests {
    private var context: TemplateContext {
        var context = TemplateContext(
            value: 1_234_567.5,
            labels: ["service": "catalog", "http.route": "/p/{sku}", "n": "0.25", "q": "a \"b\" & c"])
        context.texts["title"] = "drift"
        context.numbers["expectedLow"] = 9.5
        return context
    }

    @Test(arguments: [
        ("plain", "plain"),
        ("", ""),
        ("{{ $value }}", "1234567.5"),
        ("{{$value}} {{ .Value }}", "1234567.5 1234567.5"),
        ("{{ $labels.service }}/{{ .Labels.service }}", "catalog/catalog"),
        ("{{ $labels.http.route }} {{ index $labels \"http.route\" }}", "/p/{sku} /p/{sku}"),
        ("[{{ $labels.none }}]", "[]"),
        ("{{ $value | humanize }}", "1.235M"),
        ("{{ humanize 0.0123 }}", "12.3m"),
        ("{{ humanize 0 }}", "0"),
        ("{{ 2048 | humanize1024 }}", "2ki"),
        ("{{ humanizeDuration 93784 }}", "1d 2h 3m 4s"),
        ("{{ humanizeDuration 0.25 }}", "250ms"),
        ("{{ $labels.n | humanizePercentage }}", "25%"),
        ("{{ printf \"%.2f of %s, %d%%\" $value $labels.service 7.9 }}", "1234567.50 of catalog, 7%"),
        ("{{ $value | printf \"%.1f\" | toUpper }}", "1234567.5"),
        ("{{ printf \"%s %s\" $title }}", "drift %!s(MISSING)"),
        ("{{ $labels.service | toUpper }}", "CATALOG"),
        ("{{ $labels.q | queryEscape }}", "a%20%22b%22%20%26%20c"),
        ("{{ $labels.q | quotesEscape }}", "a \\\"b\\\" & c"),
        ("a  {{- $title -}}  b", "adriftb"),
        ("a{{/* no */}}b", "ab"),
        ("{{ $expectedLow }}", "9.5"),
        ("{{ $labels.service | humanize }}", "<humanize: catalog is no number>"),
        ("{{ `raw \\n` }}{{ \"a\\nb\" }}", "raw \\na\nb"),
    ])
    func expands(template: String, expected: String) throws {
        #expect(try AlertTemplate(template).expand(context) == expected)
    }

    @Test(arguments: [
        ("{{ $value", "\"{{\" without \"}}\""),
        ("{{ }}", "nothing between"),
        ("{{ $value | }}", "nothing between"),
        ("{{ $valu }}", "unknown value $valu"),
        ("{{ $value | shout }}", "unknown function shout"),
        ("{{ if $value }}x{{ end }}", "{{ if }} is not supported"),
        ("{{ range query \"up\" }}{{ end }}", "{{ range }} is not supported"),
        ("{{ humanize }}", "humanize takes one value"),
        ("{{ humanize 1 2 }}", "humanize takes one value"),
        ("{{ \"a }}", "a text without closing"),
        ("{{ $value $value }}", "a function expected"),
        ("{{ index $labels }}", "index $labels"),
        ("{{ 5% }}", "5% is not understood"),
    ])
    func refusesWhatItCannotExpand(template: String, complaint: String) {
        var found = "accepted"
        do { _ = try AlertTemplate(template) } catch { found = error.reason }
        #expect(found.contains(complaint), "\(found)")
    }
}
