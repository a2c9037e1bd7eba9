package picture_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

const script = "<script>alert(1)</script>"

func TestNothingButPixelsIsKept(t *testing.T) {
	png, jpeg := asPNG(drawing(32, 16)), asJPEG(drawing(32, 16))
	behind := []byte("<html>" + script + "</html>")
	archive := []byte("PK\x03\x04" + script)
	for name, body := range map[string][]byte{
		"HTML behind a PNG":              slices.Concat(png, behind),
		"an archive behind a PNG":        slices.Concat(png, archive),
		"a text of a PNG":                afterHeader(png, chunk("tEXt", []byte("Comment\x00"+script))),
		"a long text of a PNG":           afterHeader(png, chunk("iTXt", []byte("XML:com.adobe.xmp\x00\x00\x00\x00\x00"+script))),
		"EXIF of a PNG":                  afterHeader(png, chunk("eXIf", []byte("MM\x00\x2a"+script))),
		"a colour profile of a PNG":      afterHeader(png, chunk("iCCP", []byte("name\x00\x00"+script))),
		"an unknown chunk of a PNG":      afterHeader(png, chunk("evIL", []byte(script))),
		"a palette that is HTML":         pngOf(pngHeader(1, 1, 8, palette, 0), []byte{0, 0}, chunk("PLTE", []byte(script+"  "))),
		"an unused palette that is HTML": pngOf(pngHeader(1, 1, 8, withAlpha, 0), make([]byte, 5), chunk("PLTE", []byte(script+"  "))),
		"spare pixels of a PNG":          slices.Concat(png[:len(png)-12], chunk("IDAT", []byte(script)), png[len(png)-12:]),
		"HTML behind a JPEG":             slices.Concat(jpeg, behind),
		"an archive behind a JPEG":       slices.Concat(jpeg, archive),
		"a comment of a JPEG":            afterStart(jpeg, segment(0xfe, "*/"+script+"/*")),
		"EXIF of a JPEG":                 afterStart(jpeg, exif(1, script)),
		"XMP of a JPEG":                  afterStart(jpeg, segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00"+script)),
		"a colour profile of a JPEG":     afterStart(jpeg, segment(0xe2, "ICC_PROFILE\x00\x01\x01"+script)),
		"bytes between segments":         afterStart(jpeg, segment(0xe0, "JFIF\x00"), []byte(script)),
	} {
		t.Run(name, func(t *testing.T) {
			if !bytes.Contains(body, []byte(script)) {
				t.Fatal("the upload has no script")
			}
			got := normalize(t, body)
			for _, trace := range []string{script, "<html>", "PK\x03\x04", "Exif", "ICC_PROFILE", "adobe"} {
				if bytes.Contains(got.Bytes, []byte(trace)) {
					t.Errorf("got %q in the picture", trace)
				}
			}
			wantBare(t, got.Bytes)
		})
	}
}

// wantBare wants nothing before, between and behind the parts that make a picture.
func wantBare(t *testing.T, body []byte) {
	t.Helper()
	if after, isPNG := bytes.CutPrefix(body, []byte(pngSignature)); isPNG {
		if got := chunkNames(after); strings.ReplaceAll(got, "IDAT ", "") != "IHDR IEND " {
			t.Errorf("got the chunks %s", got)
		}
		return
	}
	if !bytes.HasPrefix(body, []byte("\xff\xd8\xff\xdb")) || !bytes.HasSuffix(body, []byte("\xff\xd9")) || bytes.Count(body, []byte("\xff\xd9")) != 1 {
		t.Errorf("got a JPEG from % x to % x", body[:4], body[len(body)-2:])
	}
}

// chunkNames are the names of a PNG's chunks, and "?" where something is no chunk.
func chunkNames(rest []byte) (names string) {
	for len(rest) > 0 {
		if len(rest) < 12 || rest[0] != 0 {
			return names + "?"
		}
		size := 12 + int(rest[1])<<16 + int(rest[2])<<8 + int(rest[3])
		names += string(rest[4:8]) + " "
		rest = rest[min(size, len(rest)):]
	}
	return names
}
