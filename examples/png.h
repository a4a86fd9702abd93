// Pictures for the examples: writes 8-bit RGB PNG files. Uses zlib where the build found it
// (HAVE_ZLIB), and needs nothing but the C library elsewhere.
#ifndef EXAMPLES_PNG_H
#define EXAMPLES_PNG_H

// Writes rgb (height rows of width pixels, three bytes each, top row first) to path.
// Returns 0, or -1 after saying on stderr what failed; no half-written file is left behind.
int png_write(const char *path, int width, int height, const unsigned char *rgb);

// The colour of t (0..1, clamped) on a map from black over violet, red and yellow to white.
void png_heat_colour(double t, unsigned char rgb[3]);

#endif
