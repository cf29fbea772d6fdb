/* A mapped file of stamps, so that to stamp is to store: no system call is added to what is measured. */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "clock.h"

enum { MAIN, READY, SIGNAL, EXIT, COMMAND_BEGIN, COMMAND_END, PID, STAMPS };

static int64_t nobody_reads[STAMPS];
static volatile int64_t *stamps = nobody_reads;

static inline void open_stamps(const char *file) {
	int descriptor = open(file, O_RDWR | O_CLOEXEC);
	if (descriptor < 0) return;
	void *mapped = mmap(NULL, sizeof nobody_reads, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
	if (mapped != MAP_FAILED) stamps = mapped;
	close(descriptor);
}
