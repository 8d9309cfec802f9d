/*
 * Preloaded into a process that works on a shop's home: notes, in order, everything that reaches the files below a
 * folder, so that every state in which a power cut could have left them can be built afterwards.
 *
 * FAULTS_TRACE names the file of notes, FAULTS_ROOT the folder (a real path, without a slash at its end).
 *
 * A note is `struct note` in the machine's byte order, the path below the folder, then the data. One lock is held over
 * each call and its note: the order of the notes is the order of the effects.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

struct note {
    uint8_t kind; /* w write, t truncate to `offset`, s sync, c create, u unlink, r rename to the path in the data */
    uint8_t unused[3];
    uint32_t path_bytes;
    uint64_t offset;
    uint64_t data_bytes;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int notes = -1;
static const char *root;
static size_t root_bytes;

#define REAL(result, name, ...)                           \
    static result (*real)(__VA_ARGS__);                   \
    if (!real)                                            \
    *(void **)&real = dlsym(RTLD_NEXT, name)

__attribute__((constructor)) static void start(void)
{
    const char *file = getenv("FAULTS_TRACE");
    root = getenv("FAULTS_ROOT");
    if (!file || !root)
        return;
    root_bytes = strlen(root);
    /* By number: the calls below are ours. */
    notes = (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* The part of a path below the root; the root itself is "". Null: not ours. */
static const char *below(const char *path)
{
    if (notes < 0 || strncmp(path, root, root_bytes) != 0)
        return NULL;
    if (path[root_bytes] == '\0')
        return "";
    return path[root_bytes] == '/' ? path + root_bytes + 1 : NULL;
}

static const char *path_of(int fd, char *room)
{
    char link[40];
    if (notes < 0 || fd < 0 || fd == notes)
        return NULL;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t bytes = readlink(link, room, PATH_MAX - 1);
    if (bytes <= 0)
        return NULL;
    room[bytes] = '\0';
    return below(room);
}

static void note(char kind, const char *path, uint64_t offset, const void *data, size_t data_bytes)
{
    struct note head = {.kind = (uint8_t)kind, .offset = offset, .data_bytes = data_bytes};
    head.path_bytes = (uint32_t)strlen(path);
    struct iovec parts[] = {{&head, sizeof head}, {(void *)path, head.path_bytes}, {(void *)data, data_bytes}};
    ssize_t all = (ssize_t)(sizeof head + head.path_bytes + data_bytes);
    if (syscall(SYS_writev, notes, parts, 3) != all)
        abort(); /* A trace with a hole proves nothing. */
}

static ssize_t noted_pwrite(ssize_t (*real)(int, const void *, size_t, off_t), int fd, const void *data, size_t size,
                            off_t offset)
{
    char room[PATH_MAX];
    const char *path = path_of(fd, room);
    if (!path)
        return real(fd, data, size, offset);
    pthread_mutex_lock(&lock);
    ssize_t done = real(fd, data, size, offset);
    if (done > 0)
        note('w', path, (uint64_t)offset, data, (size_t)done);
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
    REAL(ssize_t, "pwrite", int, const void *, size_t, off_t);
    return noted_pwrite(real, fd, data, size, offset);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset)
{
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off_t);
    return noted_pwrite(real, fd, data, size, (off_t)offset);
}

ssize_t write(int fd, const void *data, size_t size)
{
    REAL(ssize_t, "write", int, const void *, size_t);
    char room[PATH_MAX];
    const char *path = path_of(fd, room);
    if (!path)
        return real(fd, data, size);
    pthread_mutex_lock(&lock);
    ssize_t done = real(fd, data, size);
    off_t end = lseek(fd, 0, SEEK_CUR); /* Also right where the file is open for appending. */
    if (done > 0 && end >= done)
        note('w', path, (uint64_t)(end - done), data, (size_t)done);
    pthread_mutex_unlock(&lock);
    return done;
}

static int noted_truncate(int (*real)(int, off_t), int fd, off_t size)
{
    char room[PATH_MAX];
    const char *path = path_of(fd, room);
    if (!path)
        return real(fd, size);
    pthread_mutex_lock(&lock);
    int result = real(fd, size);
    if (result == 0)
        note('t', path, (uint64_t)size, NULL, 0);
    pthread_mutex_unlock(&lock);
    return result;
}

int ftruncate(int fd, off_t size)
{
    REAL(int, "ftruncate", int, off_t);
    return noted_truncate(real, fd, size);
}

int ftruncate64(int fd, off64_t size)
{
    REAL(int, "ftruncate64", int, off_t);
    return noted_truncate(real, fd, (off_t)size);
}

static int noted_sync(int (*real)(int), int fd)
{
    char room[PATH_MAX];
    const char *path = path_of(fd, room);
    if (!path)
        return real(fd);
    pthread_mutex_lock(&lock);
    int result = real(fd);
    if (result == 0)
        note('s', path, 0, NULL, 0);
    pthread_mutex_unlock(&lock);
    return result;
}

int fsync(int fd)
{
    REAL(int, "fsync", int);
    return noted_sync(real, fd);
}

int fdatasync(int fd)
{
    REAL(int, "fdatasync", int);
    return noted_sync(real, fd);
}

static int noted_open(int (*real)(int, const char *, int, ...), int folder, const char *name, int flags, mode_t mode)
{
    if (notes < 0 || !(flags & (O_CREAT | O_TRUNC)))
        return real(folder, name, flags, mode);
    char room[PATH_MAX];
    pthread_mutex_lock(&lock);
    int there = syscall(SYS_faccessat, folder, name, F_OK) == 0;
    int fd = real(folder, name, flags, mode);
    const char *path = path_of(fd, room);
    if (path && !there)
        note('c', path, 0, NULL, 0);
    else if (path && (flags & O_TRUNC))
        note('t', path, 0, NULL, 0);
    pthread_mutex_unlock(&lock);
    return fd;
}

#define MODE(flags, mode)                  \
    mode_t mode = 0;                       \
    if (flags & (O_CREAT | O_TMPFILE)) {   \
        va_list more;                      \
        va_start(more, flags);             \
        mode = (mode_t)va_arg(more, int);  \
        va_end(more);                      \
    }

int open(const char *name, int flags, ...)
{
    REAL(int, "openat", int, const char *, int, ...);
    MODE(flags, mode)
    return noted_open(real, AT_FDCWD, name, flags, mode);
}

int open64(const char *name, int flags, ...)
{
    REAL(int, "openat64", int, const char *, int, ...);
    MODE(flags, mode)
    return noted_open(real, AT_FDCWD, name, flags, mode);
}

int openat(int folder, const char *name, int flags, ...)
{
    REAL(int, "openat", int, const char *, int, ...);
    MODE(flags, mode)
    return noted_open(real, folder, name, flags, mode);
}

int openat64(int folder, const char *name, int flags, ...)
{
    REAL(int, "openat64", int, const char *, int, ...);
    MODE(flags, mode)
    return noted_open(real, folder, name, flags, mode);
}

int unlink(const char *name)
{
    REAL(int, "unlink", const char *);
    const char *path = below(name);
    if (!path)
        return real(name);
    pthread_mutex_lock(&lock);
    int result = real(name);
    if (result == 0)
        note('u', path, 0, NULL, 0);
    pthread_mutex_unlock(&lock);
    return result;
}

int rename(const char *from, const char *to)
{
    REAL(int, "rename", const char *, const char *);
    const char *path = below(from), *target = below(to);
    if (!path || !target)
        return real(from, to);
    pthread_mutex_lock(&lock);
    int result = real(from, to);
    if (result == 0)
        note('r', path, 0, target, strlen(target));
    pthread_mutex_unlock(&lock);
    return result;
}
