import Machine

/// The same work on several threads at once.
enum Threads {
    private struct Body: @unchecked Sendable {
        let run: (Int) -> Void
    }

    /// Calls `body` with 0 on the caller's thread and with some of 1…count-1 on others, of `pool` or, without one, new
    /// ones; returns when all calls have. The calls share the work out among themselves, so that one is enough to get
    /// it done. The body shares between its calls only what is atomic, locked, or its own by its number.
    static func run(_ count: Int, on pool: WorkerPool? = nil, _ body: (Int) -> Void) {
        if count <= 1 { return body(0) }
        withoutActuallyEscaping(body) { body in
            let shared = Body(run: body)
            if let pool { return pool.run(count) { shared.run($0) } }
            let others = (1..<count).map { number in
                MachineThread(name: "search-\(number)") { shared.run(number) }
            }
            shared.run(0)
            for thread in others { thread.join() }
        }
    }
}
