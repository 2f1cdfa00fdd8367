package codec

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gohostrpc/gohost/bench/codec/casespb"
	"github.com/gohostrpc/gohost/bench/codecpb"
	"github.com/gohostrpc/gohost/vtcodec"
)

var (
	grpcs = encoding.GetCodecV2("proto")
	vt    = vtcodec.Codec{}
)

// bufs splits data into buffers, as grpc gives it to a codec.
func bufs(data []byte) mem.BufferSlice {
	half := len(data) / 2
	return mem.BufferSlice{mem.SliceBuffer(data[:half]), mem.SliceBuffer(data[half:])}
}

func marshal(t *testing.T, c encoding.CodecV2, m any) ([]byte, error) {
	t.Helper()
	data, err := c.Marshal(m)
	if err != nil {
		if data != nil {
			t.Errorf("error %v, but also data", err)
		}
		return nil, err
	}
	defer data.Free()
	return bytes.Clone(data.Materialize()), nil
}

// checkUnmarshal compares the results of the codecs for data, in messages of m's type:
// a new one, a used one, and a used one that ResetVT has emptied. used may be nil.
func checkUnmarshal(t *testing.T, m, used proto.Message, data []byte) {
	t.Helper()
	want := empty(m)
	wantErr := grpcs.Unmarshal(bufs(data), want)
	into := map[string]proto.Message{"new": empty(m)}
	if used != nil {
		into["used"] = proto.Clone(used)
		into["reset"] = proto.Clone(used)
		if r, ok := into["reset"].(interface{ ResetVT() }); ok {
			r.ResetVT()
		}
	}
	for how, got := range into {
		err := vt.Unmarshal(bufs(data), got)
		if fmt.Sprint(err) != fmt.Sprint(wantErr) {
			t.Errorf("%T, %s: error = %v, want %v\nof %x", m, how, err, wantErr, data)
		}
		if err == nil && !proto.Equal(got, want) {
			t.Errorf("%T, %s: message =\n%v, want\n%v\nof %x", m, how, got, want, data)
		}
	}
}

// checkMarshal compares the results of the codecs for m.
func checkMarshal(t *testing.T, m proto.Message) {
	t.Helper()
	wantData, wantErr := marshal(t, grpcs, m)
	data, err := marshal(t, vt, m)
	if fmt.Sprint(err) != fmt.Sprint(wantErr) {
		t.Errorf("%T: error = %v, want %v\nof %v", m, err, wantErr, m)
	}
	if err != nil || wantErr != nil {
		return
	}
	got, want := empty(m), empty(m)
	if err := grpcs.Unmarshal(bufs(data), got); err != nil {
		t.Error(err)
	}
	if err := grpcs.Unmarshal(bufs(wantData), want); err != nil {
		t.Error(err)
	}
	forget(want.ProtoReflect())
	if !proto.Equal(got, want) {
		t.Errorf("%T: marshaled and unmarshaled =\n%v, want\n%v", m, got, want)
	}
}

// forget removes from m what vtprotobuf's code does not send, as the documentation of
// vtcodec says: negative zeros, if a zero is not sent, and unknown fields of well-known
// types, for which it has its own types.
func forget(m protoreflect.Message) {
	if m.Descriptor().ParentFile().Package() == "google.protobuf" {
		m.SetUnknown(nil)
	}
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case fd.IsMap() && fd.MapValue().Message() != nil:
			v.Map().Range(func(_ protoreflect.MapKey, v protoreflect.Value) bool {
				forget(v.Message())
				return true
			})
		case fd.IsMap():
		case fd.IsList() && fd.Message() != nil:
			for i := range v.List().Len() {
				forget(v.List().Get(i).Message())
			}
		case fd.IsList():
		case fd.Message() != nil:
			forget(v.Message())
		case !fd.HasPresence() && (fd.Kind() == protoreflect.DoubleKind || fd.Kind() == protoreflect.FloatKind) && v.Float() == 0:
			m.Clear(fd)
		}
		return true
	})
}

// Bytes that marshalers write, and some that they do not.
func TestBothCodecsMakeTheSame(t *testing.T) {
	t.Parallel()
	for _, m := range types {
		t.Run(string(m.ProtoReflect().Descriptor().Name()), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(1, 2))
			used := random(r, m)
			for range 300 {
				m := random(r, m)
				checkMarshal(t, m)
				for _, c := range []encoding.CodecV2{grpcs, vt} {
					data, err := marshal(t, c, m)
					if err != nil {
						t.Fatal(err)
					}
					checkUnmarshal(t, m, used, data)
					for range 20 {
						checkUnmarshal(t, m, used, spoil(r, data))
					}
				}
				used = m
			}
		})
	}
}

func TestTruncatedBytes(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for _, m := range types {
		data, err := marshal(t, vt, random(r, m))
		if err != nil {
			t.Fatal(err)
		}
		for i := range data {
			checkUnmarshal(t, m, nil, data[:i])
		}
	}
}

// Bytes that are rarely random.
func TestBytesThatNoMarshalerWrites(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"nothing":                             "",
		"a list packed by halves":             "\xda\x02\x02\x01\x02\xd8\x02\x03",
		"a packed list of an unpacked field":  "\xe2\x02\x02\x01\x02",
		"a packed list cut in a number":       "\xda\x02\x02\x01\x82\x18\x01",
		"packed floats of five bytes":         "\xd2\x02\x05\x01\x02\x03\x04\x05",
		"packed doubles of nine bytes":        "\xca\x02\x09\x01\x02\x03\x04\x05\x06\x07\x08\x09",
		"a field of another type":             "\x72\x01a\x70\x05",
		"a string of a wrong field's type":    "\x0a\x02hi",
		"a message twice":                     "\x8a\x01\x02\x18\x01\x8a\x01\x02\x20\x02",
		"one of a oneof twice":                "\x9a\x05\x02\x18\x01\x9a\x05\x02\x20\x02",
		"another one of a oneof":              "\x9a\x05\x02\x18\x01\x8a\x05\x01a",
		"an entry without a value":            "\xf2\x03\x02\x08\x01",
		"an entry without a key":              "\xf2\x03\x02\x12\x00",
		"an empty entry":                      "\xf2\x03\x00",
		"an entry with two values":            "\xf2\x03\x0a\x08\x01\x12\x02\x18\x01\x12\x02\x20\x02",
		"an entry with more":                  "\xf2\x03\x06\x08\x01\x12\x00\x18\x07",
		"an entry for a key that is there":    "\xf2\x03\x04\x08\x01\x12\x00\xf2\x03\x06\x08\x01\x12\x02\x18\x01",
		"an unknown field":                    "\xf8\xff\x03\x07",
		"an unknown group":                    "\xfb\xff\x03\x08\x01\xfc\xff\x03",
		"an unknown group in another":         "\xfb\xff\x03\x0b\x08\x01\x0c\xfc\xff\x03",
		"an unknown group that does not end":  "\xfb\xff\x03\x08\x01",
		"the end of no group":                 "\xfc\xff\x03",
		"the end of another group":            "\xfb\xff\x03\x0c\xfc\xff\x03",
		"an unknown field in a long form":     "\xf8\xff\x83\x00\x07",
		"a known field in a long form":        "\x98\x00\x07",
		"the number 0":                        "\x00\x01",
		"the highest number":                  "\xf8\xff\xff\xff\x0f\x01",
		"a number that is too high":           "\x80\x80\x80\x80\x10\x01",
		"a number that is far too high":       "\x98\x80\x80\x80\x80\x01\x01",
		"a type that does not exist":          "\x1e\x01\x01",
		"a number of ten bytes":               "\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
		"a number that is too long":           "\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02",
		"a number that does not end":          "\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
		"a length that is negative":           "\x72\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
		"a length beyond the end":             "\x72\x05a",
		"a bool of 2":                         "\x68\x02",
		"a string that is not UTF-8":          "\x72\x01\xff",
		"a string of a list":                  "\xb2\x03\x01\xff",
		"a key that is not UTF-8":             "\xea\x03\x06\x0a\x01\xff\x12\x01a",
		"a value that is not UTF-8":           "\xea\x03\x06\x0a\x01a\x12\x01\xff",
		"one of a oneof that is not UTF-8":    "\x8a\x05\x01\xff",
		"UTF-8 in the struct of a struct":     "\xe2\x05\x07\x0a\x05\x0a\x01\xff\x12\x00",
		"an unknown field of a timestamp":     "\xd2\x05\x05\x08\x01\xf8\x07\x01",
		"bytes that are not UTF-8":            "\x7a\x01\xff",
		"a far string that is not UTF-8":      "\xc2\x3e\x01\xff",
		"an opaque message twice":             "\xca\x3e\x03\x0a\x01a\xca\x3e\x02\x18\x02",
		"an opaque one that is not well made": "\xca\x3e\x03\x0a\x05a",
		"a surrogate":                         "\x72\x03\xed\xa0\x80",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkUnmarshal(t, new(casespb.Every), &casespb.Every{String_: "used", Everys: []*casespb.Every{{Int32: 1}}}, []byte(data))
		})
	}
}

// Messages that are nested too deeply must not exhaust the stack of a program.
func TestDeeplyNestedMessages(t *testing.T) {
	t.Parallel()
	for _, depth := range []int{2, 99, 100, 101, 102, 9_999, 10_000, 10_001, 300_000} {
		var data []byte
		for range depth - 1 {
			// From the end, since each message begins with the length of its content.
			data = append(data, reversed(lengthOf(len(data)))...)
			data = append(data, 0x12)
		}
		checkUnmarshal(t, new(casespb.Numbers), nil, reversed(data))
	}
}

func lengthOf(n int) []byte {
	var b []byte
	for ; n >= 0x80; n >>= 7 {
		b = append(b, byte(n)|0x80)
	}
	return append(b, byte(n))
}

func reversed(b []byte) []byte {
	r := make([]byte, len(b))
	for i := range b {
		r[len(b)-1-i] = b[i]
	}
	return r
}

// Unusual messages that a program may send.
func TestMessagesThatAreOdd(t *testing.T) {
	t.Parallel()
	bad, name := "\xff", "a"
	extended := &casespb.Extended{Name: &name}
	proto.SetExtension(extended, casespb.E_Note, "note")
	proto.SetExtension(extended, casespb.E_Numbers, []int32{1, 2})
	grouped := &casespb.Grouped{Inner: &casespb.Grouped_Inner{Name: &name, Number: proto.Int32(3)}, After: proto.Int32(4)}
	for what, m := range map[string]proto.Message{
		"no message":                 nil,
		"nil":                        (*casespb.Every)(nil),
		"nil, without code":          (*codecpb.Amount)(nil),
		"empty":                      new(casespb.Every),
		"nil in a list":              &casespb.Every{Everys: []*casespb.Every{nil, {Int32: 1}}},
		"nil in a map":               &casespb.Every{ByInt32: map[int32]*casespb.Every{1: nil}},
		"nil of a well-known type":   &casespb.Every{ByBool: nil, Values: nil},
		"nil bytes of a oneof":       &casespb.Every{One: &casespb.Every_OneBytes{}},
		"a oneof of a nil message":   &casespb.Every{One: &casespb.Every_OneEvery{}},
		"nil of a oneof":             &casespb.Every{Int32: 1, One: (*casespb.Every_OneEvery)(nil)},
		"nil of a oneof, below":      &casespb.Every{Every: &casespb.Every{Int32: 1, One: (*casespb.Every_OneString)(nil)}},
		"a string that is not UTF-8": &casespb.Every{String_: bad},
		"one of a list":              &casespb.Every{Strings: []string{"a", bad}},
		"one of a oneof":             &casespb.Every{One: &casespb.Every_OneString{OneString: bad}},
		"one below":                  &casespb.Every{Every: &casespb.Every{MaybeString: &bad}},
		"one in a map":               &casespb.Every{ByString: map[string]string{bad: ""}},
		"one that need not be UTF-8": &casespb.Lenient{Name: &bad, Names: []string{bad}},
		"required but missing":       new(casespb.Required),
		"required below but missing": &casespb.HasRequired{List: []*casespb.Required{new(casespb.Required)}},
		"extensions":                 extended,
		"a group":                    grouped,
		"negative zeros":             &casespb.Every{Double: math.Copysign(0, -1), MaybeDouble: proto.Float64(math.Copysign(0, -1)), Doubles: []float64{math.Copysign(0, -1)}},
		"not a number":               &casespb.Every{Double: math.NaN(), Float: float32(math.NaN())},
		"large":                      &casespb.Every{Bytes: make([]byte, 100_000), Strings: []string{strings.Repeat("ü", 3000)}},
		"large and not UTF-8":        &casespb.Every{Bytes: make([]byte, 100_000), String_: bad},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			if m == nil {
				if _, err := vt.Marshal(m); err == nil {
					t.Error("a value that is not a message was marshaled")
				}
				return
			}
			checkMarshal(t, m)
		})
	}
}

// vtprotobuf's code would take a message with a negative zero for empty.
func TestANegativeZeroIsNotLeftInAMessage(t *testing.T) {
	t.Parallel()
	m := &casespb.Every{Float: float32(math.Copysign(0, -1))}
	if err := vt.Unmarshal(nil, m); err != nil || math.Signbit(float64(m.GetFloat())) {
		t.Errorf("unmarshaled = (%v, %v), want an empty message", m, err)
	}
}

// The shape of a type is built once, even by many goroutines.
func TestManyGoroutinesMayUseTheCodec(t *testing.T) {
	t.Parallel()
	done := make(chan struct{})
	for i := range uint64(8) {
		go func() {
			defer func() { done <- struct{}{} }()
			r := rand.New(rand.NewPCG(i, 5))
			for _, m := range types {
				m := random(r, m)
				checkMarshal(t, m)
				data, err := marshal(t, vt, m)
				if err != nil {
					t.Error(err)
				}
				checkUnmarshal(t, m, nil, data)
			}
		}()
	}
	for range 8 {
		<-done
	}
}

// The messages have the methods of vtprotobuf that the codec looks for. Otherwise
// nothing here would be tested.
func TestTheCodeIsUsed(t *testing.T) {
	t.Parallel()
	for _, m := range types {
		_, ok := m.(interface {
			SizeVT() int
			MarshalToSizedBufferVT([]byte) (int, error)
			UnmarshalVT([]byte) error
			ResetVT()
		})
		if want := m.ProtoReflect().Descriptor().FullName() != protoreflect.FullName("opaquepb.Opaque"); ok != want {
			t.Errorf("%T has code of vtprotobuf: %v, want %v", m, ok, want)
		}
	}
	var everys []*casespb.Every
	for range 2 {
		m := &casespb.Every{Everys: everys}
		m.ResetVT()
		if err := vt.Unmarshal(bufs([]byte("\xca\x03\x02\x18\x01")), m); err != nil {
			t.Fatal(err)
		}
		if len(everys) == 1 && everys[0] != m.GetEverys()[0] {
			t.Error("the elements of a list are not reused")
		}
		everys = m.GetEverys()
	}
}

// Receiving into a message that ResetVT has emptied reuses what is left in it.
func TestReusedMessagesCostNothing(t *testing.T) { //nolint:paralleltest // allocations of other tests would be counted
	m := &casespb.Numbers{Fixed: []uint32{1, 2, 3}}
	data, err := vt.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() {
		m.ResetVT()
		if err := vt.Unmarshal(data, m); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("unmarshaling into a reused message costs %v allocations", n)
	}
}

// Parts of a message that a caller may have kept are not changed, unless the message
// was reset.
func TestTheInsideOfAMessageIsLeftAlone(t *testing.T) {
	t.Parallel()
	m := &codecpb.Order{Customer: &codecpb.Customer{Name: "kept"}, Items: []*codecpb.Item{{Sku: "kept"}}}
	customer, items, item := m.GetCustomer(), m.GetItems(), m.GetItems()[0]
	if err := vt.Unmarshal(bufs([]byte("\x1a\x03\x0a\x01a\x22\x03\x0a\x01b")), m); err != nil {
		t.Fatal(err)
	}
	if customer.GetName() != "kept" || items[0] != item || item.GetSku() != "kept" {
		t.Errorf("kept parts of the previous message = %v, %v", customer, items)
	}
	if m.GetCustomer().GetName() != "a" || m.GetItems()[0].GetSku() != "b" {
		t.Errorf("message = %v", m)
	}
}
