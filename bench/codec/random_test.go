package codec

import (
	"math"
	"math/rand/v2"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gohostrpc/gohost/bench/codec/casespb"
	"github.com/gohostrpc/gohost/bench/codec/casespb/opaquepb"
	"github.com/gohostrpc/gohost/bench/codecpb"
)

// types has one message of each type.
var types = []proto.Message{
	(*casespb.Every)(nil),
	(*casespb.Numbers)(nil),
	(*casespb.Lenient)(nil),
	(*codecpb.Order)(nil),
	(*codecpb.Flat)(nil),
	// Here vtprotobuf's code behaves differently.
	(*casespb.Required)(nil),
	(*casespb.HasRequired)(nil),
	(*casespb.Grouped)(nil),
	(*casespb.Extended)(nil),
	(*casespb.MaybeBytes)(nil),
	(*casespb.HasMaybeBytes)(nil),
	// This one has no code of vtprotobuf.
	(*opaquepb.Opaque)(nil),
}

// empty returns a new message of the type of m.
func empty(m proto.Message) proto.Message { return m.ProtoReflect().New().Interface() }

// random returns a message of m's type with random fields.
func random(r *rand.Rand, m proto.Message) proto.Message {
	m = empty(m)
	fill(r, m.ProtoReflect(), 3)
	return m
}

func fill(r *rand.Rand, m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		if fd.Cardinality() != protoreflect.Required && (depth == 0 || r.IntN(3) > 0) {
			continue
		}
		switch {
		case fd.IsList():
			list := m.Mutable(fd).List()
			for range r.IntN(4) {
				list.Append(value(r, fd, list.NewElement, depth))
			}
		case fd.IsMap():
			entries := m.Mutable(fd).Map()
			for range r.IntN(4) {
				entries.Set(value(r, fd.MapKey(), nil, depth).MapKey(), value(r, fd.MapValue(), entries.NewValue, depth))
			}
		default:
			m.Set(fd, value(r, fd, func() protoreflect.Value { return m.NewField(fd) }, depth))
		}
	}
	if r.IntN(8) == 0 {
		m.SetUnknown([]byte("\xf2\xff\x03\x02hi\xf8\xff\x03\x07")) // fields 8190 and 8191
	}
}

var (
	integers = []int64{0, 1, -1, 127, 128, 300, 1 << 31, -1 << 31, 1 << 40, -1 << 63}
	floats   = []float64{0, math.Copysign(0, -1), 1, -1.5, 1e300, 1 / 3.0}
	texts    = []string{"", "a", "gohost", "grüß dich", "長い文字列"}
)

// value returns a random value of fd. fresh returns a new value for messages.
func value(r *rand.Rand, fd protoreflect.FieldDescriptor, fresh func() protoreflect.Value, depth int) protoreflect.Value {
	i := integers[r.IntN(len(integers))]
	switch fd.Kind() {
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(r.IntN(2) == 0)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(r.IntN(3) - 1))
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return protoreflect.ValueOfInt32(int32(i))
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return protoreflect.ValueOfUint32(uint32(i))
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return protoreflect.ValueOfInt64(i)
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return protoreflect.ValueOfUint64(uint64(i))
	case protoreflect.FloatKind:
		return protoreflect.ValueOfFloat32(float32(floats[r.IntN(len(floats))]))
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64(floats[r.IntN(len(floats))])
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(texts[r.IntN(len(texts))])
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte(texts[r.IntN(len(texts))]))
	}
	v := fresh()
	fill(r, v.Message(), depth-1)
	return v
}

// spoil changes b in ways that no marshaler writes.
func spoil(r *rand.Rand, b []byte) []byte {
	b = append([]byte{}, b...)
	for range 1 + r.IntN(3) {
		if len(b) == 0 {
			return b
		}
		i := r.IntN(len(b))
		switch r.IntN(6) {
		case 0:
			b[i] ^= 1 << r.IntN(8)
		case 1:
			b[i] = byte(r.IntN(256))
		case 2:
			b = b[:i]
		case 3: // a part is repeated
			j := i + r.IntN(len(b)-i+1)
			b = append(b[:j:j], b[i:]...)
		case 4: // two parts are swapped
			b = append(b[i:len(b):len(b)], b[:i]...)
		case 5:
			b = append(b[:i:i], append([]byte{byte(r.IntN(256))}, b[i:]...)...)
		}
	}
	return b
}
