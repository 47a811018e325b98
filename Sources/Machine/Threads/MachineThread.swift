import Bytes
import Glibc
import Synchronization

/// A thread of our own with a name, which `top -H` shows. Blocking and heavy work runs on these, never on the pool of
/// async tasks.
@safe
public final class MachineThread: Sendable {
    private final class Start: Sendable {
        let name: String
        let niceness: Int32
        let body: @Sendable () -> Void

        init(_ name: String, _ niceness: Int32, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.niceness = niceness
            self.body = body
        }
    }

    private let handle: Mutex<pthread_t?>

    /// Starts at once. `name`: at most 15 bytes are shown. `niceness`, 0…19: how far it steps back for others when all
    /// cores are busy. The stack is 8 MiB, of which only what is touched is used.
    public init(name: String, niceness: Int32 = 0, _ body: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        var attributes = pthread_attr_t()
        // All arguments are valid for the length of their calls; the start object is retained here and released there.
        unsafe pthread_attr_init(&attributes)
        unsafe pthread_attr_setstacksize(&attributes, 8 << 20)
        let start = unsafe Unmanaged.passRetained(Start(String(name.prefix(15)), niceness, body)).toOpaque()
        let code = unsafe pthread_create(
            &thread, &attributes,
            { argument in
                let start = unsafe Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
                nameThread(start.name)
                // On Linux this is the calling thread's alone; without it the thread works as well.
                if start.niceness != 0 { _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, start.niceness) }
                start.body()
                return nil
            }, start)
        unsafe pthread_attr_destroy(&attributes)
        precondition(code == 0, "the operating system gives no thread: error \(code)")
        handle = Mutex(thread)
    }

    /// Waits until the body has returned. A second call returns at once.
    public func join() {
        let thread = handle.withLock { handle in
            defer { handle = nil }
            return handle
        }
        if let thread { joinThread(thread) }
    }

    deinit {
        let thread = handle.withLock { $0 }
        if let thread { pthread_detach(thread) }
    }

    /// Makes the calling thread wait.
    public static func sleep(nanoseconds: Int64) {
        var time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        var rest = timespec()
        // nanosleep leaves what is left in `rest` when a signal interrupts it; both are valid for the length of the
        // call.
        while unsafe nanosleep(&time, &rest) != 0 && errno == EINTR { time = rest }
    }
}

/// The kernel's own door for the name: `pthread_setname_np` is hidden from Swift. A thread without its name works as
/// well. Written without an offset, which this file refuses.
private func nameThread(_ name: String) {
    guard let file = try? RealFileSystem().open("/proc/thread-self/comm", .readWrite) as? RealFile else { return }
    let bytes = Array(name.utf8)
    // Read within the array, which outlives the call.
    unsafe bytes.withUnsafeBytes { unsafe _ = write(file.descriptor, $0.baseAddress, $0.count) }
}

/// Waits for the end of a thread whose result nobody needs.
private func joinThread(_ thread: pthread_t) { _ = pthread_join(thread, nil) }

/// This process's ID.
public func processID() -> Int32 { getpid() }
