package picture_test

import (
	"bytes"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"channelbook/internal/fault"
	"channelbook/internal/picture"
)

func TestRefusals(t *testing.T) {
	png, jpeg := asPNG(drawing(32, 16)), asJPEG(drawing(32, 16))
	for name, c := range map[string]struct {
		body []byte
		want string
	}{
		"nothing":                          {nil, "NOT_A_PICTURE"},
		"a GIF":                            {[]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00;"), "NOT_A_PICTURE"},
		"a GIF that is a script":           {[]byte("GIF89a/*\x01\x00*/=1;alert(1)"), "NOT_A_PICTURE"},
		"a WebP":                           {[]byte("RIFF\x1a\x00\x00\x00WEBPVP8L"), "NOT_A_PICTURE"},
		"a BMP":                            {[]byte("BM\x46\x00\x00\x00"), "NOT_A_PICTURE"},
		"a TIFF":                           {[]byte("MM\x00\x2a\x00\x00\x00\x08"), "NOT_A_PICTURE"},
		"an AVIF":                          {[]byte("\x00\x00\x00\x1cftypavif"), "NOT_A_PICTURE"},
		"an SVG":                           {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), "NOT_A_PICTURE"},
		"HTML":                             {[]byte("<!doctype html>" + script), "NOT_A_PICTURE"},
		"a PDF":                            {[]byte("%PDF-1.7\n"), "NOT_A_PICTURE"},
		"an archive":                       {[]byte("PK\x03\x04"), "NOT_A_PICTURE"},
		"a PNG behind a space":             {append([]byte(" "), png...), "NOT_A_PICTURE"},
		"a JPEG behind HTML":               {append([]byte(script), jpeg...), "NOT_A_PICTURE"},
		"the signature of a PNG":           {[]byte(pngSignature), "NOT_A_PICTURE"},
		"the signature of a JPEG":          {[]byte("\xff\xd8\xff"), "NOT_A_PICTURE"},
		"a PNG's signature before a JPEG":  {append([]byte(pngSignature), jpeg...), "NOT_A_PICTURE"},
		"a PNG of no width":                {pngHeader(0, 5, 8, trueColour, 0), "NOT_A_PICTURE"},
		"as large as may be, but broken":   {append(png[:40:40], make([]byte, picture.MaxBytes-40)...), "PICTURE_BROKEN"},
		"a byte too large":                 {append(slices.Clone(png), make([]byte, picture.MaxBytes+1-len(png))...), "PICTURE_TOO_LARGE"},
		"as many pixels as may be, broken": {pngHeader(5000, 2500, 8, trueColour, 0), "PICTURE_BROKEN"},
		"a row of pixels too many":         {pngHeader(5000, 2501, 8, trueColour, 0), "PICTURE_TOO_MANY_PIXELS"},
		"too wide":                         {pngHeader(20_001, 1, 8, trueColour, 0), "PICTURE_TOO_MANY_PIXELS"},
		"a line of twelve million":         {pngHeader(1, 12_000_000, 8, trueColour, 0), "PICTURE_TOO_MANY_PIXELS"},
		"as wide as can be written":        {pngHeader(1<<31-1, 1000, 8, trueColour, 0), "PICTURE_TOO_MANY_PIXELS"},
		"a JPEG too wide":                  {progressiveHeader(65_535, 65_535), "PICTURE_TOO_MANY_PIXELS"},
		"a JPEG that tells no height yet":  {progressiveHeader(0, 16), "PICTURE_TOO_MANY_PIXELS"},
		"a JPEG with a second size":        {slices.Concat(jpeg[:len(jpeg)-2], progressiveHeader(16, 16)[2:]), "PICTURE_BROKEN"},
		"a wrong checksum":                 {slices.Concat(png[:45], []byte{png[45] ^ 1}, png[46:]), "PICTURE_BROKEN"},
		"no pixels":                        {append(pngHeader(2, 2, 8, trueColour, 0), chunk("IEND", nil)...), "PICTURE_BROKEN"},
		"too few pixels":                   {pngOf(pngHeader(2, 2, 8, trueColour, 0), make([]byte, 7)), "PICTURE_BROKEN"},
		"a palette without colours":        {pngOf(pngHeader(1, 1, 8, palette, 0), []byte{0, 0}), "NOT_A_PICTURE"},
	} {
		t.Run(name, func(t *testing.T) { wantRefusal(t, c.body, c.want) })
	}
}

func TestAnythingCutOffIsRefused(t *testing.T) {
	for _, whole := range [][]byte{asPNG(drawing(32, 16)), asJPEG(drawing(32, 16)), cmykRed(), progressiveGrey(64, 64, 3)} {
		for end := range len(whole) {
			if _, err := picture.Normalize(t.Context(), whole[:end]); !fault.Is(err, fault.Invalid) {
				t.Errorf("cut off at %d of %d: got %v, want a refusal", end, len(whole), err)
			}
		}
	}
}

// A refusal costs next to nothing, whatever a file says that it would unpack to.
func TestBombsAreCheap(t *testing.T) {
	const allocations = 1 << 20
	zeros := make([]byte, 4<<20)
	for name, c := range map[string]struct {
		body []byte
		want string
	}{
		"a PNG of 50 000 × 50 000":           {pngOf(pngHeader(50_000, 50_000, 16, withAlpha, 1), nil), "PICTURE_TOO_MANY_PIXELS"},
		"a JPEG of 65 500 × 65 500":          {progressiveHeader(65_500, 65_500), "PICTURE_TOO_MANY_PIXELS"},
		"pixels for 4 MB in a small PNG":     {pngOf(pngHeader(10, 10, 8, trueColour, 0), zeros), "PICTURE_BROKEN"},
		"a text that unpacks to 4 MB":        {bytes.Replace(pngOf(pngHeader(1, 1, 8, palette, 0), zeros), []byte("IDAT"), []byte("zTXt"), 1), "NOT_A_PICTURE"},
		"forty thousand scans":               {progressiveGrey(1600, 1600, 40_000), "PICTURE_BROKEN"},
		"a scan more than usual":             {progressiveGrey(64, 64, 32), "PICTURE_BROKEN"},
		"scans behind stuffing and restarts": {hiddenScans(32), "PICTURE_BROKEN"},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			wantRefusal(t, c.body, c.want)
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			if got := after.TotalAlloc - before.TotalAlloc; got > allocations || took > time.Second {
				t.Errorf("got %d bytes and %v, want at most %d and a second", got, took, allocations)
			}
		})
	}
}

func TestALookalikeOfAScanIsNone(t *testing.T) {
	looks := strings.Repeat("\xff\xda\x00\x08", 100)
	body := slices.Concat(afterStart(asJPEG(drawing(32, 16)), segment(0xe2, looks)), []byte(looks))
	wantCorners(t, normalize(t, body), red, green, blue, white)
}

// wantRefusal wants one fault, and nothing of the upload in it.
func wantRefusal(t *testing.T, body []byte, code string) {
	t.Helper()
	got, err := picture.Normalize(t.Context(), body)
	var refusal *fault.Error
	if !errors.As(err, &refusal) || got != nil {
		t.Fatalf("got %v, %v, want %s", got, err, code)
	}
	if refusal.Kind != fault.Invalid || refusal.Code != code || refusal.Field != "" || !strings.HasSuffix(refusal.Message, ".") {
		t.Errorf("got %+v, want %s", *refusal, code)
	}
}
