import CKernels

/// Memory that the allocator keeps for later use although nobody holds it.
public enum FreeMemory {
    /// Gives it back to the operating system: for the end of something large. Takes milliseconds.
    public static func giveBack() { plumb_release_free_memory() }
}
