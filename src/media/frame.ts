// Frame: 20 ms of telephone sound: mu-law, 8 kHz, mono.

export const FRAME_MS = 20;
export const FRAME_BYTES = 160;
export const BYTES_PER_MS = FRAME_BYTES / FRAME_MS;
/** The mu-law byte of no sound at all. */
export const SILENCE = 0xff;
