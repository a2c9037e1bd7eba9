package picture_test

import (
	"bytes"
	"image/color"
	"strings"
	"testing"
)

func TestAPictureIsTurnedUpright(t *testing.T) {
	for orientation, corners := range map[byte][]color.NRGBA{
		1: {red, green, blue, white},
		2: {green, red, white, blue},
		3: {white, blue, green, red},
		4: {blue, white, red, green},
		5: {red, blue, green, white},
		6: {blue, red, white, green},
		7: {white, green, blue, red},
		8: {green, white, red, blue},
	} {
		for name, stored := range map[string][2]int{"small": {32, 16}, "scaled down": {1100, 16}} {
			body := afterStart(asJPEG(drawing(stored[0], stored[1])), exif(orientation, ""))
			got := normalize(t, body)
			if lying := got.Width > got.Height; lying != (orientation < 5) {
				t.Errorf("orientation %d, %s: got %d×%d", orientation, name, got.Width, got.Height)
			}
			wantCorners(t, got, corners...)
		}
	}
}

func TestNoUsableOrientationLeavesAPictureAsItIs(t *testing.T) {
	good := string(exif(6, ""))
	for name, with := range map[string][]byte{
		"zero":                 exif(0, ""),
		"nine":                 exif(9, ""),
		"no byte order":        []byte(strings.Replace(good, "MM\x00\x2a", "XX\x00\x2a", 1)),
		"tags far behind":      []byte(strings.Replace(good, "\x2a\x00\x00\x00\x08", "\x2a\xff\xff\xff\xf0", 1)),
		"a text":               []byte(strings.Replace(good, "\x12\x00\x03", "\x12\x00\x02", 1)),
		"no known type":        []byte(strings.Replace(good, "\x12\x00\x03", "\x12\x00\xee", 1)),
		"four thousand values": []byte(strings.Replace(good, "\x03\x00\x00\x00\x01", "\x03\x00\x00\x10\x00", 1)),
		"only of a thumbnail":  segment(0xe1, "Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x00\x00\x00\x00\x0e\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"),
		"behind 70 other tags": segment(0xe1, "Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x47"+strings.Repeat("\x01\x00\x00\x03\x00\x00\x00\x01\x00\x01\x00\x00", 70)+"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"),
		"not there":            segment(0xe1, "Exif\x00\x00"),
		"a tag that points at itself, many times": segment(0xe1, "Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\xff\xff"+
			strings.Repeat("\x01\x4a\x00\x04\x00\x00\x00\x10\x00\x00\x00\x08", 5000)),
	} {
		t.Run(name, func(t *testing.T) {
			wantCorners(t, normalize(t, afterStart(asJPEG(drawing(32, 16)), with)), red, green, blue, white)
		})
	}
}

func TestAnOrientationOfAPNGMeansNothing(t *testing.T) {
	_, tags, _ := bytes.Cut(exif(6, ""), []byte("Exif\x00\x00"))
	wantCorners(t, normalize(t, afterHeader(asPNG(drawing(32, 16)), chunk("eXIf", tags))), red, green, blue, white)
}
