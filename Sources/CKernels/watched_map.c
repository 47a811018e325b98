#define _GNU_SOURCE
#include "include/watched_map.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct plumb_watched_map {
    /// 0: free, 1: taken and not yet described.
    _Atomic uintptr_t start;
    _Atomic size_t length;
    _Atomic int64_t lost;
};

/// Tables of places, never given back, so that the handler may walk them at any time.
#define TABLE_SIZE 512
struct table {
    struct plumb_watched_map maps[TABLE_SIZE];
    struct table *_Atomic next;
};

static struct table tables;
static size_t page_size;
static struct sigaction former;
static int is_installed;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static struct plumb_watched_map *map_of(uintptr_t address) {
    for (struct table *table = &tables; table; table = atomic_load(&table->next)) {
        for (int i = 0; i < TABLE_SIZE; i++) {
            struct plumb_watched_map *map = &table->maps[i];
            uintptr_t start = atomic_load(&map->start);
            if (start <= 1 || address < start || address - start >= atomic_load(&map->length)) continue;
            // Whoever reads holds the mapping; that the place is still the same one says that its length is too.
            if (atomic_load(&map->start) == start) return map;
        }
    }
    return NULL;
}

/// Calls only what a handler may: mmap is a bare system call on Linux.
static void on_bus_error(int number, siginfo_t *info, void *context) {
    int saved = errno;
    uintptr_t address = (uintptr_t)info->si_addr;
    struct plumb_watched_map *map = info->si_code > 0 ? map_of(address) : NULL;
    if (map) {
        void *page = (void *)(address & ~(uintptr_t)(page_size - 1));
        int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
        // Counted first: whoever sees a zero sees the count.
        atomic_fetch_add(&map->lost, 1);
        if (mmap(page, page_size, PROT_READ, flags, -1, 0) == page) {
            // And again: whoever compares counts while the page was readable in between must not find them equal.
            atomic_fetch_add(&map->lost, 1);
            errno = saved;
            return;
        }
    }
    errno = saved;
    if (former.sa_flags & SA_SIGINFO) {
        former.sa_sigaction(number, info, context);
    } else if (former.sa_handler != SIG_DFL && former.sa_handler != SIG_IGN) {
        former.sa_handler(number);
    } else {
        // The access is tried again and ends the process, as it would have without this handler.
        signal(number, SIG_DFL);
        if (info->si_code <= 0) raise(number);
    }
}

static void install(void) {
    page_size = (size_t)sysconf(_SC_PAGESIZE);
    struct sigaction action = {0};
    action.sa_sigaction = on_bus_error;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
    sigemptyset(&action.sa_mask);
    is_installed = sigaction(SIGBUS, NULL, &former) == 0 && sigaction(SIGBUS, &action, NULL) == 0;
}

struct plumb_watched_map *plumb_watch_map(const void *start, size_t length) {
    pthread_once(&once, install);
    if (!is_installed) return NULL;
    struct table *table = &tables;
    while (1) {
        for (int i = 0; i < TABLE_SIZE; i++) {
            struct plumb_watched_map *map = &table->maps[i];
            uintptr_t free_place = 0;
            if (atomic_load(&map->start) != 0) continue;
            if (!atomic_compare_exchange_strong(&map->start, &free_place, 1)) continue;
            atomic_store(&map->length, length);
            atomic_store(&map->lost, 0);
            atomic_store(&map->start, (uintptr_t)start);
            return map;
        }
        struct table *next = atomic_load(&table->next);
        if (!next) {
            struct table *fresh = calloc(1, sizeof(struct table));
            if (!fresh) return NULL;
            if (atomic_compare_exchange_strong(&table->next, &next, fresh)) {
                next = fresh;
            } else {
                free(fresh);
            }
        }
        table = next;
    }
}

int64_t plumb_lost_pages(const struct plumb_watched_map *map) {
    return atomic_load(&((struct plumb_watched_map *)map)->lost);
}

void plumb_unwatch_map(struct plumb_watched_map *map) { atomic_store(&map->start, 0); }
