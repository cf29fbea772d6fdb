/* The clock of all stamps: CLOCK_MONOTONIC is the same for all processes of a machine. Nanoseconds. */
#include <stdint.h>
#include <time.h>

static inline int64_t now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static inline void pause_ms(long ms) {
	struct timespec left = {ms / 1000, ms % 1000 * 1000000};
	while (nanosleep(&left, &left) != 0) continue;
}
