package vtcodec

import (
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// maxDepth is the maximum nesting of plain messages. Real messages are not so
// deep, and the stack of UnmarshalVT grows with each level.
const maxDepth = 100

// plain reports whether b is a message of shape s as a marshaler writes it,
// nested at most depth levels deep. Of such bytes UnmarshalVT and
// proto.Unmarshal make the same. Of other bytes one may accept what the other
// refuses, so proto.Unmarshal has to decide.
//
// Most numbers have one byte and are read here, without a call.
func (s *shape) plain(b []byte, depth int) bool {
	if depth == 0 {
		return false
	}
	var seen uint64
	for len(b) > 0 {
		tag, n := uint64(b[0]), 1
		if tag >= 0x80 {
			tag, n = protowire.ConsumeVarint(b)
		}
		num, typ := tag>>3, protowire.Type(tag&7)
		if n < 0 || num < uint64(protowire.MinValidNumber) || num > uint64(protowire.MaxValidNumber) {
			return false
		}
		f := s.field(protowire.Number(num))
		// In an unknown field, only one of the two keeps an overlong number as it is.
		if f == nil && (s.closed || n != protowire.SizeVarint(tag)) {
			return false
		}
		b = b[n:]
		if typ != protowire.BytesType {
			n = 1
			if typ != protowire.VarintType || len(b) == 0 || b[0] >= 0x80 {
				n = protowire.ConsumeFieldValue(protowire.Number(num), typ, b)
			}
			if n < 0 || f != nil && typ != f.wire {
				return false
			}
			b = b[n:]
			continue
		}
		var value []byte
		if len(b) > 0 && int(b[0]) < len(b) && b[0] < 0x80 {
			n = 1 + int(b[0])
			value = b[1:n]
		} else if value, n = protowire.ConsumeBytes(b); n < 0 {
			return false
		}
		b = b[n:]
		switch {
		case f == nil:
		case f.wire != protowire.BytesType:
			if !f.list || !packed(value, f.wire) {
				return false
			}
		case f.utf8:
			if !utf8.Valid(value) {
				return false
			}
		case f.message != nil:
			if seen&f.once != 0 || !f.message.plain(value, depth-1) {
				return false
			}
			seen |= f.once
		}
	}
	return seen&s.all == s.all
}

// packed reports whether b is a list of values of the type wire.
func packed(b []byte, wire protowire.Type) bool {
	switch wire {
	case protowire.Fixed32Type:
		return len(b)%4 == 0
	case protowire.Fixed64Type:
		return len(b)%8 == 0
	}
	for len(b) > 0 {
		_, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return false
		}
		b = b[n:]
	}
	return true
}
