package vtcodec_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc/encoding"
	grpcproto "google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/gohostrpc/gohost/testdata/squares"
	"github.com/gohostrpc/gohost/vtcodec"
)

// bench/codec tests the generated code of vtprotobuf itself, which this module
// does not require. These are messages with the same methods.

var codec = vtcodec.Codec{}

// text is a message with the methods of vtprotobuf that counts their calls.
type text struct {
	*wrapperspb.StringValue
	called []string
	fail   error // the methods return or panic with it
	short  int   // the number of bytes to leave out
	panics bool
}

func newText(s string) *text { return &text{StringValue: wrapperspb.String(s)} }

func (m *text) call(name string) { m.called = append(m.called, name) }

func (m *text) SizeVT() int { return proto.Size(m.StringValue) }

func (m *text) MarshalToSizedBufferVT(buf []byte) (int, error) {
	m.call("marshal")
	if m.panics {
		panic("a nil in a oneof")
	}
	data, _ := proto.MarshalOptions{AllowPartial: true}.Marshal(m.StringValue)
	if m.GetValue() == "\xff" { // proto refuses it
		data = []byte("\x0a\x01\xff")
	}
	return copy(buf, data[:len(data)-m.short]), m.fail
}

func (m *text) UnmarshalVT(data []byte) error {
	m.call("unmarshal")
	if m.fail != nil {
		return m.fail
	}
	return proto.UnmarshalOptions{Merge: true}.Unmarshal(data, m.StringValue)
}

func (m *text) Reset() {
	m.call("reset")
	m.StringValue.Reset()
}

// reusable is a message that keeps its inner parts when it is reset.
type reusable struct{ *text }

func (m reusable) ResetVT() {
	m.call("resetVT")
	m.StringValue.Reset()
}

func marshaled(t *testing.T, m any) []byte {
	t.Helper()
	data, err := codec.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	defer data.Free()
	return bytes.Clone(data.Materialize())
}

func buffers(data string) mem.BufferSlice { return mem.BufferSlice{mem.SliceBuffer(data)} }

func TestItIsProtobufOnTheWire(t *testing.T) {
	t.Parallel()
	if name := codec.Name(); name != grpcproto.Name {
		t.Errorf("content-subtype = %q, want %q", name, grpcproto.Name)
	}
}

func TestTheMethodsOfAMessageAreUsed(t *testing.T) {
	t.Parallel()
	m := newText("a")
	if got := marshaled(t, m); string(got) != "\x0a\x01a" {
		t.Errorf("marshaled = %x", got)
	}
	into := newText("")
	if err := codec.Unmarshal(buffers("\x0a\x01a"), into); err != nil || into.GetValue() != "a" {
		t.Errorf("unmarshaled = (%v, %v)", into, err)
	}
	if !slices.Equal(m.called, []string{"marshal"}) || !slices.Equal(into.called, []string{"unmarshal"}) {
		t.Errorf("called = %v and %v", m.called, into.called)
	}
}

// A message that its user has not reset is reset by Reset, which does not touch
// its inner messages.
func TestAMessageIsResetBeforeItIsReceivedInto(t *testing.T) {
	t.Parallel()
	for before, want := range map[string][]string{"": {"unmarshal"}, "before": {"reset", "unmarshal"}} {
		m := reusable{newText(before)}
		if err := codec.Unmarshal(buffers(""), m); err != nil || m.GetValue() != "" {
			t.Errorf("%q: unmarshaled = (%v, %v), want nothing", before, m, err)
		}
		if !slices.Equal(m.called, want) {
			t.Errorf("%q: called = %v, want %v", before, m.called, want)
		}
	}
}

// If vtprotobuf's code fails, package proto decides whether that is right.
func TestPackageProtoHasTheLastWord(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]*text{
		"error":   {StringValue: wrapperspb.String("a"), fail: errors.New("failed")},
		"short":   {StringValue: wrapperspb.String("a"), short: 1},
		"panic":   {StringValue: wrapperspb.String("a"), panics: true},
		"large":   {StringValue: wrapperspb.String(strings.Repeat("a", 100_000)), fail: errors.New("failed")},
		"nothing": {StringValue: wrapperspb.String("a")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, err := proto.Marshal(m.StringValue)
			if err != nil {
				t.Fatal(err)
			}
			if got := marshaled(t, m); !bytes.Equal(got, want) {
				t.Errorf("marshaled = %x, want %x", got, want)
			}
			into := &text{StringValue: new(wrapperspb.StringValue), fail: m.fail}
			if err := codec.Unmarshal(mem.BufferSlice{mem.SliceBuffer(want)}, into); err != nil || !proto.Equal(into, m) {
				t.Errorf("unmarshaled = (%v, %v)", into, err)
			}
		})
	}
	grpcs := encoding.GetCodecV2(grpcproto.Name)
	for name, data := range map[string]string{"truncated": "\x0a\x05a", "not UTF-8": "\x0a\x01\xff"} {
		m := newText("")
		err, want := codec.Unmarshal(buffers(data), m), grpcs.Unmarshal(buffers(data), new(wrapperspb.StringValue))
		if err == nil || fmt.Sprint(err) != fmt.Sprint(want) || len(m.called) > 1 {
			t.Errorf("%s: error = %v, want %v; called = %v", name, err, want, m.called)
		}
	}
	_, err := codec.Marshal(newText("\xff"))
	_, want := grpcs.Marshal(wrapperspb.String("\xff"))
	if err == nil || fmt.Sprint(err) != fmt.Sprint(want) {
		t.Errorf("error of a string that is not UTF-8 = %v, want %v", err, want)
	}
}

func TestMessagesWithoutTheMethods(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]any{
		"a message":           &squares.Message{Message: 2},
		"an old one":          old{&squares.Message{Message: 2}},
		"nil":                 (*squares.Message)(nil),
		"a large one":         wrapperspb.String(strings.Repeat("a", 100_000)),
		"one that is refused": wrapperspb.String("\xff"),
		"no message":          "text",
		"no value":            nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grpcs := encoding.GetCodecV2(grpcproto.Name)
			got, err := codec.Marshal(m)
			want, wantErr := grpcs.Marshal(m)
			if !bytes.Equal(got.Materialize(), want.Materialize()) || (err == nil) != (wantErr == nil) {
				t.Errorf("marshaled = (%x, %v), want (%x, %v)", got.Materialize(), err, want.Materialize(), wantErr)
			}
		})
	}
	into := &squares.Message{Message: 1}
	if err := codec.Unmarshal(buffers(""), into); err != nil || into.GetMessage() != 0 {
		t.Errorf("unmarshaled = (%v, %v), want nothing", into, err)
	}
	if err := codec.Unmarshal(buffers("\x09\x00\x00\x00\x00\x00\x00\xf0\x3f"), old{into}); err != nil || into.GetMessage() != 1 {
		t.Errorf("unmarshaled = (%v, %v), want 1", into, err)
	}
	for _, v := range []any{nil, "text"} {
		if err := codec.Unmarshal(buffers(""), v); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%T", v)) {
			t.Errorf("error for a value that is not a message = %v, want one that names %T", err, v)
		}
		if _, err := codec.Marshal(v); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%T", v)) {
			t.Errorf("error for a value that is not a message = %v, want one that names %T", err, v)
		}
	}
}

// old is a message of the first version of protobuf for Go.
type old struct{ m *squares.Message }

var _ protoadapt.MessageV1 = old{}

func (o old) Reset()                      { o.m.Reset() }
func (o old) String() string              { return o.m.String() }
func (old) ProtoMessage()                 {}
func (o old) XXX_MessageName() string     { return "old" }
func (o old) Marshal() ([]byte, error)    { return proto.Marshal(o.m) }
func (o old) Unmarshal(data []byte) error { return proto.Unmarshal(data, o.m) }

// Messages and buffers share no memory.
func TestBuffersAndMessagesShareNothing(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 100_000} {
		data := append([]byte{}, marshaled(t, newText(strings.Repeat("a", size)))...)
		m := newText("")
		if err := codec.Unmarshal(mem.BufferSlice{mem.SliceBuffer(data)}, m); err != nil {
			t.Fatal(err)
		}
		clear(data)
		if m.GetValue() != strings.Repeat("a", size) {
			t.Errorf("a message of %d bytes has changed with its buffer", size)
		}
		buf, err := codec.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		before := bytes.Clone(buf.Materialize())
		m.Value = strings.Repeat("b", size)
		if !bytes.Equal(buf.Materialize(), before) {
			t.Errorf("a buffer of %d bytes has changed with its message", size)
		}
		buf.Free()
	}
}

func TestLargeBuffersArePooled(t *testing.T) {
	t.Parallel()
	for size, want := range map[int]bool{1: false, 100_000: true} {
		for _, m := range []any{newText(strings.Repeat("a", size)), wrapperspb.String(strings.Repeat("a", size))} {
			data, err := codec.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			b, slice := data[0].(mem.SliceBuffer)
			if slice == want {
				t.Errorf("%T of %d bytes: pooled is %v, want %v", m, size, !slice, want)
			}
			if slice && cap(b) >= 256 {
				t.Errorf("%T of %d bytes has a buffer of %d, as pools do", m, size, cap(b))
			}
			data.Free()
		}
	}
}
