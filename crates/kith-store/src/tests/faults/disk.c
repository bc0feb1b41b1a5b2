/* A disk that fails and a clock that is set when they are told to, for the tests of faults: loaded before the C library (LD_PRELOAD) into a process
 * that stores. While the directory named by KITH_FAULTS holds
 *   full   every write to a file fails with ENOSPC,
 *   io     every write to a file fails with EIO,
 *   sync   every flush fails with EIO,
 *   clock  the time of day is as many seconds later as it says, or earlier.
 * Files below the directory itself, and the first three descriptors, are left alone. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static int told(const char *fault) {
    const char *directory = getenv("KITH_FAULTS");
    char path[4096];
    int before = errno, there;
    if (!directory) return 0;
    snprintf(path, sizeof path, "%s/%s", directory, fault);
    there = access(path, F_OK) == 0;
    errno = before;
    return there;
}

static int fails(int fd) {
    struct stat file;
    if (fd <= 2 || fstat(fd, &file) != 0 || !S_ISREG(file.st_mode)) return 0;
    if (told("full")) { errno = ENOSPC; return 1; }
    if (told("io")) { errno = EIO; return 1; }
    return 0;
}

#define NEXT(name) \
    static __typeof__(name) *next; \
    if (!next) next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *bytes, size_t count) {
    NEXT(write);
    return fails(fd) ? -1 : next(fd, bytes, count);
}
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) {
    NEXT(pwrite);
    return fails(fd) ? -1 : next(fd, bytes, count, at);
}
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
    NEXT(pwrite64);
    return fails(fd) ? -1 : next(fd, bytes, count, at);
}
int fsync(int fd) {
    NEXT(fsync);
    if (told("sync")) { errno = EIO; return -1; }
    return next(fd);
}
int fdatasync(int fd) {
    NEXT(fdatasync);
    if (told("sync")) { errno = EIO; return -1; }
    return next(fd);
}
int clock_gettime(clockid_t clock, struct timespec *time) {
    NEXT(clock_gettime);
    const char *directory = getenv("KITH_FAULTS");
    int result = next(clock, time), before = errno;
    if (clock == CLOCK_REALTIME && directory) {
        char path[4096];
        long seconds;
        FILE *file;
        snprintf(path, sizeof path, "%s/clock", directory);
        if ((file = fopen(path, "r"))) {
            if (fscanf(file, "%ld", &seconds) == 1) time->tv_sec += seconds;
            fclose(file);
        }
    }
    errno = before;
    return result;
}
