package picture_test

import (
	"bytes"
	"testing"

	"channelbook/internal/picture"
)

// What takes the most of what is accepted: photos of 12 megapixels, and the worst that can be made of 2 MB.
func BenchmarkNormalize(b *testing.B) {
	for name, body := range map[string][]byte{
		"JPEG of 12 megapixels":      asJPEG(drawing(4000, 3000)),
		"PNG of 12 megapixels":       asPNG(drawing(4000, 3000)),
		"PNG of noise":               asPNG(noise(1400, 1400)),
		"PNG of 16 bits, interlaced": interlaced(3535, 3535),
		"PNG of small chunks":        afterHeader(asPNG(drawing(64, 64)), bytes.Repeat(chunk("tEXt", nil), 170_000)),
		"JPEG of small segments":     afterStart(asJPEG(drawing(64, 64)), bytes.Repeat(segment(0xe2, ""), 500_000)),
		"JPEG of 32 scans":           progressiveGrey(3535, 3535, 31),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := picture.Normalize(b.Context(), body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
