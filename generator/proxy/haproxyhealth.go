package proxy

import (
	"encoding/binary"
	"encoding/hex"
)

// HealthRequest returns a call of grpc.health.v1.Health/Check to an instance of u as the
// bytes of HTTP/2, in hexadecimal. HAProxy's own HTTP checks cannot send it, since a gRPC
// message has zero bytes.
func (u *upstream) HealthRequest() string {
	const (
		data, headers, settings = 0, 1, 4
		endStream, endHeaders   = 1, 4
		post, http, https       = 0x83, 0x86, 0x87 // fields of HPACK's static table
		path, authority         = 4, 1             // names in it, followed by a value
		contentType             = 31
	)
	fields := []byte{post, http}
	if u.TLS {
		fields[1] = https
	}
	fields = appendField(fields, path, "/grpc.health.v1.Health/Check")
	fields = appendField(fields, authority, u.Servers[0].String())
	fields = appendField(fields, contentType, "application/grpc")
	fields = append(fields, 0) // the name is not in the table
	fields = appendString(fields, "te")
	fields = appendString(fields, "trailers")

	request := []byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
	request = appendFrame(request, settings, 0, 0, nil)
	request = appendFrame(request, headers, endHeaders, 1, fields)
	request = appendFrame(request, data, endStream, 1, make([]byte, 5)) // an empty message
	return hex.EncodeToString(request)
}

func appendFrame(b []byte, kind, flags byte, stream uint32, payload []byte) []byte {
	n := len(payload)
	b = append(b, byte(n>>16), byte(n>>8), byte(n), kind, flags)
	b = binary.BigEndian.AppendUint32(b, stream)
	return append(b, payload...)
}

// appendField appends a field of HPACK without indexing it. Its name is in the
// static table.
func appendField(b []byte, name uint64, value string) []byte {
	return appendString(appendInteger(b, 0, 4, name), value)
}

// appendString appends a string of HPACK without Huffman coding.
func appendString(b []byte, s string) []byte {
	return append(appendInteger(b, 0, 7, uint64(len(s))), s...)
}

// appendInteger appends n as an integer of HPACK: in the last bits of a byte
// that begins with first and, if it does not fit, in the next bytes, with 7
// bits each.
func appendInteger(b []byte, first byte, bits int, n uint64) []byte {
	limit := uint64(1)<<bits - 1
	if n < limit {
		return append(b, first|byte(n))
	}
	return binary.AppendUvarint(append(b, first|byte(limit)), n-limit)
}
