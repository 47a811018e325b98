import Machine

/// The same work on several threads at once.
enum Threads {
    private struct Body: @unchecked Sendable {
        let run: (Int) -> Void
    }

    /// Calls `body` with 0…count-1, each on a thread of its own, the caller's included; returns when all have. The body
    /// shares between its calls only what is atomic, locked, or its own by its number.
    static func run(_ count: Int, _ body: (Int) -> Void) {
        if count <= 1 { return body(0) }
        withoutActuallyEscaping(body) { body in
            let shared = Body(run: body)
            let others = (1..<count).map { number in
                MachineThread(name: "search-\(number)") { shared.run(number) }
            }
            shared.run(0)
            for thread in others { thread.join() }
        }
    }
}
