import Hummingbird

/// The page: three files that live in the program, so that nothing has to be installed beside it.
struct PageRoutes {
    func add(to router: Router<BasicRequestContext>) {
        router.get("/") { _, _ in page(PackageResources.index_html, "text/html; charset=utf-8") }
        router.get("/style.css") { _, _ in page(PackageResources.style_css, "text/css; charset=utf-8") }
        router.get("/api/v1/openapi.json") { _, _ in
            Response.bytes(PackageResources.openapi_json, type: "application/json")
        }
        router.get("/app.js") { _, _ in page(PackageResources.app_js, "text/javascript; charset=utf-8") }
    }

    /// Only the page's own files may run or be loaded: a log line that holds markup stays text.
    private func page(_ bytes: [UInt8], _ type: String) -> Response {
        var response = Response.bytes(bytes, type: type)
        response.headers[.contentSecurityPolicy] =
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
        return response
    }
}
