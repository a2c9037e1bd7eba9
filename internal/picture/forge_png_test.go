package picture_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image/color"
	"slices"
)

const pngSignature = "\x89PNG\r\n\x1a\n"

// chunk is a part of a PNG.
func chunk(kind string, data []byte) []byte {
	body := append([]byte(kind), data...)
	out := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	return binary.BigEndian.AppendUint32(append(out, body...), crc32.ChecksumIEEE(body))
}

// The kinds of pixels of a PNG.
const (
	trueColour = 2
	palette    = 3
	withAlpha  = 6
)

// pngHeader is the beginning of a PNG up to its pixels.
func pngHeader(width, height int, depth, kind, interlaced byte) []byte {
	size := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(width)), uint32(height))
	return append([]byte(pngSignature), chunk("IHDR", append(size, depth, kind, 0, 0, interlaced))...)
}

// pngOf puts a PNG together from its beginning, its rows of pixels before compression and chunks between these.
func pngOf(header, rows []byte, between ...[]byte) []byte {
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	_, _ = w.Write(rows)
	_ = w.Close()
	return slices.Concat(header, slices.Concat(between...), chunk("IDAT", packed.Bytes()), chunk("IEND", nil))
}

// adam7 is the passes of an interlaced PNG: the steps to the right and down, and where they begin.
var adam7 = [][4]int{{8, 8, 0, 0}, {8, 8, 4, 0}, {4, 8, 0, 4}, {4, 4, 2, 0}, {2, 4, 0, 2}, {2, 2, 1, 0}, {1, 2, 0, 1}}

// interlaced is the drawing with the rows of its seven passes one after the other.
func interlaced(width, height int) []byte {
	var rows []byte
	for _, pass := range adam7 {
		for y := pass[3]; y < height; y += pass[1] {
			rows = append(rows, 0)
			for x := pass[2]; x < width; x += pass[0] {
				c := color.NRGBAModel.Convert(quarter(x, y, width, height)).(color.NRGBA)
				rows = append(rows, c.R, 0, c.G, 0, c.B, 0, c.A, c.A)
			}
		}
	}
	return pngOf(pngHeader(width, height, 16, withAlpha, 1), rows)
}

// afterHeader puts chunks into a PNG between its header and the rest.
func afterHeader(body []byte, chunks ...[]byte) []byte {
	const end = len(pngSignature) + 25
	return slices.Concat(body[:end], slices.Concat(chunks...), body[end:])
}
