package picture_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
)

// segment is a part of a JPEG.
func segment(marker byte, data string) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(data)+2)), data...)
}

// afterStart puts segments into a JPEG before all others.
func afterStart(body []byte, segments ...[]byte) []byte {
	return slices.Concat(body[:2], slices.Concat(segments...), body[2:])
}

// exif is a segment with an orientation and, behind it, a text in a tag of its own.
func exif(orientation byte, text string) []byte {
	const tags = "\x00\x02" + // how many
		"\x01\x12\x00\x03\x00\x00\x00\x01\x00?\x00\x00" + // orientation, a short
		"\x82\x98\x00\x02\x00\x00\x00\x20\x00\x00\x00\x26" + // copyright, text of 32 bytes at 38
		"\x00\x00\x00\x00" // nothing follows
	return segment(0xe1, "Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08"+strings.Replace(tags, "?", string([]byte{orientation}), 1)+text+strings.Repeat("\x00", 32-len(text)))
}

// jpegTables quantize by 8. For DC the code 0 is no difference and 10 one of eight bits, for AC 0 is what it is told.
func jpegTables(ac byte) []byte {
	steps := strings.Repeat("\x08", 64)
	return slices.Concat(
		segment(0xdb, "\x00"+steps),
		segment(0xc4, "\x00\x01\x01"+strings.Repeat("\x00", 14)+"\x00\x08"),
		segment(0xc4, "\x10\x01"+strings.Repeat("\x00", 15)+string([]byte{ac})),
	)
}

// cmykRed is one block of red as Adobe writes CMYK: inverted.
func cmykRed() []byte {
	const much, little = "10" + "10000000" + "0", "10" + "01111111" + "0"
	return slices.Concat([]byte("\xff\xd8"),
		segment(0xee, "Adobe\x00\x64\x00\x00\x00\x00\x00"), jpegTables(0),
		segment(0xc0, "\x08\x00\x08\x00\x08\x04\x01\x11\x00\x02\x11\x00\x03\x11\x00\x04\x11\x00"),
		segment(0xda, "\x04\x01\x00\x02\x00\x03\x00\x04\x00\x00\x3f\x00"), packed(much+little+little+much),
		[]byte("\xff\xd9"))
}

// progressiveGrey is a picture in one shade, of a scan for DC and so many that say that there is nothing to say.
func progressiveGrey(width, height, scans int) []byte {
	const runOf16384 = 0xe0
	size := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16([]byte{8}, uint16(height)), uint16(width))
	blocks := (width + 7) / 8 * ((height + 7) / 8)
	runs := (blocks + 16383) / 16384
	return slices.Concat([]byte("\xff\xd8"), jpegTables(runOf16384),
		segment(0xc2, string(size)+"\x01\x01\x11\x00"),
		segment(0xda, "\x01\x01\x00\x00\x00\x00"), packed(strings.Repeat("0", blocks)),
		bytes.Repeat(append(segment(0xda, "\x01\x01\x00\x01\x3f\x10"), packed(strings.Repeat("0", 15*runs))...), scans),
		[]byte("\xff\xd9"))
}

// progressiveHeader is the beginning of a JPEG up to its first scan.
func progressiveHeader(width, height int) []byte {
	whole := progressiveGrey(0, 0, 0)
	size := []byte{byte(height >> 8), byte(height), byte(width >> 8), byte(width)}
	return bytes.Replace(whole, []byte("\x08\x00\x00\x00\x00"), append([]byte{8}, size...), 1)
}

// hiddenScans has its scans where one that stops at stuffing, at a restart or at fill bytes misses them.
func hiddenScans(scans int) []byte {
	body := progressiveGrey(64, 64, scans)
	return bytes.ReplaceAll(body, []byte("\xff\xda"), []byte("\xff\x00\xff\xd3\xff\xff\xff\xda"))
}

// packed are bits as a JPEG holds them: filled up with ones, and a zero byte after one that could begin a marker.
func packed(bits string) []byte {
	bits += strings.Repeat("1", (8-len(bits)%8)%8)
	var out []byte
	for ; bits != ""; bits = bits[8:] {
		b := byte(0)
		for _, bit := range bits[:8] {
			b = b<<1 | byte(bit-'0')
		}
		out = append(out, b)
		if b == 0xff {
			out = append(out, 0)
		}
	}
	return out
}
