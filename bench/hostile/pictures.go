package hostile

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
)

// bomb is a small PNG that says it is large: grey, of one colour, whole.
func bomb(width, height int) string {
	var out bytes.Buffer
	out.WriteString("\x89PNG\r\n\x1a\n")
	head := binary.BigEndian.AppendUint32(nil, uint32(width))  // #nosec G115 -- as the attack has it
	head = binary.BigEndian.AppendUint32(head, uint32(height)) // #nosec G115 -- as the attack has it
	chunk(&out, "IHDR", append(head, 8, 0, 0, 0, 0))           // eight bits, grey
	var data bytes.Buffer
	packed := zlib.NewWriter(&data)
	row := make([]byte, width+1)
	for range height {
		_, _ = packed.Write(row) // into memory
	}
	_ = packed.Close()
	chunk(&out, "IDAT", data.Bytes())
	chunk(&out, "IEND", nil)
	return out.String()
}

func chunk(out *bytes.Buffer, kind string, data []byte) {
	out.Write(binary.BigEndian.AppendUint32(nil, uint32(len(data)))) // #nosec G115 -- far below 4 GiB
	out.WriteString(kind)
	out.Write(data)
	sum := crc32.Update(crc32.ChecksumIEEE([]byte(kind)), crc32.IEEETable, data)
	out.Write(binary.BigEndian.AppendUint32(nil, sum))
}

// claimed is the beginning of a PNG that says its size and has nothing of it.
func claimed(width, height int) string {
	var out bytes.Buffer
	out.WriteString("\x89PNG\r\n\x1a\n")
	head := binary.BigEndian.AppendUint32(nil, uint32(width))  // #nosec G115 -- as the attack has it
	head = binary.BigEndian.AppendUint32(head, uint32(height)) // #nosec G115 -- as the attack has it
	chunk(&out, "IHDR", append(head, 8, 0, 0, 0, 0))
	return out.String()
}
