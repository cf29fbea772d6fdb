/**
 * The clock of all stamps: `process.hrtime` is CLOCK_MONOTONIC, which all processes of a machine share. Nanoseconds.
 */
export const now = () => Number(process.hrtime.bigint());
