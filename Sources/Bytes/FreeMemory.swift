import CKernels

/// Memory that was freed but that the allocator keeps for later.
public enum FreeMemory {
    /// Gives whole free pages back to the system. Work that takes and frees much leaves them scattered, where smaller
    /// allocations then settle one by one. Some milliseconds.
    public static func giveBack() { plumb_return_free_memory() }
}
